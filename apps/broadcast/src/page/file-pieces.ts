import { CHUNK_BYTES, CHUNK_HEADER_BYTES, chunkLength, writeChunkHeader } from '../shared/chunk.ts';

/** Read at once: reading a chunk alone takes longer than sending it. */
const BLOCK_BYTES = 8 * CHUNK_BYTES;

/** Reads a file from its start to its end as chunks, ready to be sent. */
export class FilePieces {
  readonly #file: Blob;
  #block = new Uint8Array(0);
  #blockAt = 0;
  #offset = 0;

  constructor(file: Blob) {
    this.#file = file;
  }

  /** How many bytes have been read. */
  get offset(): number {
    return this.#offset;
  }

  /** Whether everything has been read. */
  get done(): boolean {
    return this.#offset === this.#file.size;
  }

  /** The next chunk, with its header. Rejects if the file has changed or is gone since it was chosen. */
  async next(id: number): Promise<Uint8Array<ArrayBuffer>> {
    const offset = this.#offset;
    if (offset >= this.#blockAt + this.#block.byteLength) {
      const end = Math.min(offset + BLOCK_BYTES, this.#file.size);
      this.#block = new Uint8Array(await this.#file.slice(offset, end).arrayBuffer());
      this.#blockAt = offset;
    }
    const start = offset - this.#blockAt;
    const length = chunkLength(offset, this.#file.size);
    const message = new Uint8Array(CHUNK_HEADER_BYTES + length);
    writeChunkHeader(message, { id, offset });
    message.set(this.#block.subarray(start, start + length), CHUNK_HEADER_BYTES);
    this.#offset += length;
    return message;
  }
}

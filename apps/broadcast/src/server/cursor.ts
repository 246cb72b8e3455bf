import { CHUNK_BYTES, type ChunkHeader, chunkLength } from '../shared/chunk.ts';
import { WINDOW_BYTES } from '../shared/limits.ts';

/** A file that may still be growing. */
export interface CursorSource {
  readonly id: number;
  /** How many bytes it will have. */
  readonly size: number;
  /** How many of them can be read now. */
  readonly bytes: number;
  /** Fills `target` with what is at `position`. */
  read(target: Uint8Array, position: number): Promise<void>;
}

/**
 * How far one receiver is in one file. This is all that a receiver costs: two numbers, however far
 * behind the others it is.
 */
export class Cursor {
  readonly #source: CursorSource;
  #sent: number;
  #taken: number;

  /** Begins at `from`, which is where a chunk begins. */
  constructor(source: CursorSource, from: number) {
    this.#source = source;
    this.#sent = from;
    this.#taken = from;
  }

  /** How many bytes have been sent. */
  get sent(): number {
    return this.#sent;
  }

  /** How many bytes the receiver has acknowledged. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether a chunk can be sent: it is there, and the window is open. */
  get ready(): boolean {
    const next = chunkLength(this.#sent, this.#source.size);
    if (next === 0 || this.#source.bytes < this.#sent + next) return false;
    return this.#sent + next - this.#taken <= WINDOW_BYTES;
  }

  /** Reads the next chunk to the start of `target`. Call it while `ready`; then it counts as sent. */
  async read(target: Uint8Array): Promise<ChunkHeader & { readonly length: number }> {
    const offset = this.#sent;
    const length = chunkLength(offset, this.#source.size);
    await this.#source.read(target.subarray(0, length), offset);
    this.#sent += length;
    return { id: this.#source.id, offset, length };
  }

  /** The receiver has taken this many bytes. `false` if it cannot have: nothing changes then. */
  acknowledge(bytes: number): boolean {
    const isChunkEnd = bytes % CHUNK_BYTES === 0 || bytes === this.#source.size;
    if (bytes <= this.#taken || bytes > this.#sent || !isChunkEnd) return false;
    this.#taken = bytes;
    return true;
  }
}

/**
 * A piece of a file, as one binary message:
 *
 *      0               4                               12
 *     +---------------+-------------------------------+-----------------
 *     |  transfer id  |  offset in the file, in bytes |  bytes …
 *     +---------------+-------------------------------+-----------------
 *
 * Numbers are unsigned and big-endian. A file is cut at the multiples of `CHUNK_BYTES`, so every
 * chunk but the last is full; and its chunks come in order.
 */
export interface ChunkHeader {
  readonly id: number;
  readonly offset: number;
}

/**
 * How many bytes of a file one message carries. Twice as many would save a tenth of the time on the
 * page; but what is received is garbage a moment later, and this much the server's allocator takes
 * back at once: for a file of 1 GiB it needs about 40 MiB, instead of 65.
 */
export const CHUNK_BYTES = 64 * 1024;

/** How many bytes come before those of the file. */
export const CHUNK_HEADER_BYTES = 12;

/** How many bytes the chunk at `offset` has in a file of `size` bytes. */
export function chunkLength(offset: number, size: number): number {
  return Math.min(CHUNK_BYTES, size - offset);
}

/** Writes a header to the first bytes of `message`. */
export function writeChunkHeader(message: Uint8Array, { id, offset }: ChunkHeader): void {
  const view = new DataView(message.buffer, message.byteOffset, CHUNK_HEADER_BYTES);
  view.setUint32(0, id);
  view.setBigUint64(4, BigInt(offset));
}

/** Reads the header of a message; `undefined` if it is too short, or the offset beyond any file. */
export function readChunkHeader(message: Uint8Array): ChunkHeader | undefined {
  if (message.byteLength < CHUNK_HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, CHUNK_HEADER_BYTES);
  const offset = Number(view.getBigUint64(4));
  return Number.isSafeInteger(offset) ? { id: view.getUint32(0), offset } : undefined;
}

import { Random } from '../random.ts';

const PIECE_BYTES = 2 ** 16;

/**
 * The bytes of a file that is nowhere: random ones, and lines that compress well. `made` sees each piece
 * once. There are as many buffers as can be in use: when `sendStream` asks for the next piece, less than
 * its high-water mark, which is one of them, waits to be sent.
 */
export function* fileBytes(
  byteLength: number,
  made: (piece: Buffer) => void,
): Generator<Buffer, void> {
  const random = new Random(byteLength);
  const buffers = [Buffer.alloc(PIECE_BYTES), Buffer.alloc(PIECE_BYTES)];
  for (let left = byteLength; left > 0; left -= PIECE_BYTES) {
    const buffer = buffers.shift() ?? Buffer.alloc(PIECE_BYTES);
    buffers.push(buffer);
    buffer.fill(`${left} bytes are left of this file\n`);
    random.bytes(PIECE_BYTES / 4).copy(buffer);
    const piece = left < PIECE_BYTES ? buffer.subarray(0, left) : buffer;
    made(piece);
    yield piece;
  }
}

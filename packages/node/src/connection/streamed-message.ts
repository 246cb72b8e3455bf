import { type FileHandle, open, realpath, rm } from 'node:fs/promises';
import { assertLimit } from '@heddle/core';
import type { PieceQueue } from './piece-queue.ts';

/** How much of a message may be put together in memory. */
export interface CollectOptions {
  /**
   * The most bytes, 1 and more; a longer message fails the connection with 1009. It is a bound of its own, as
   * `limits.maxMessageBytes` may be anything where messages are streamed.
   * @default 2 ** 20
   */
  readonly maxBytes?: number;
}

/**
 * A message that is read while it arrives: by iteration, which gives its bytes as they come, or by
 * one of the methods; once, in one of these ways. While nobody reads, TCP holds the peer back.
 *
 * All of them throw, or reject with, `UsageError` `WS_ALREADY_CONSUMED` if it has been read or passed
 * over, and `ClosedError` if the connection ends before the message does: half a message is never
 * taken for a whole one.
 */
export class StreamedMessage implements AsyncIterable<Buffer> {
  /** As the peer sent it. The bytes of a text are valid UTF-8, piece after piece. */
  readonly type: 'text' | 'binary';
  readonly #pieces: PieceQueue;
  readonly #tooBig: (maxBytes: number) => Error;

  /** Made by `incoming()`. `tooBig` fails the connection, and returns what the reader is to be told. */
  constructor(type: 'text' | 'binary', pieces: PieceQueue, tooBig: (maxBytes: number) => Error) {
    this.type = type;
    this.#pieces = pieces;
    this.#tooBig = tooBig;
  }

  /** The bytes as they come; they belong to the caller. Leaving the loop drops the rest. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    return this.#pieces.read();
  }

  /** The whole message. Rejects with `UsageError` `WS_INVALID_OPTION`. */
  async bytes({ maxBytes = 2 ** 20 }: CollectOptions = {}): Promise<Buffer> {
    assertLimit('maxBytes', maxBytes);
    const pieces: Buffer[] = [];
    let byteLength = 0;
    for await (const piece of this) {
      byteLength += piece.byteLength;
      if (byteLength > maxBytes) throw this.#tooBig(maxBytes);
      pieces.push(piece);
    }
    return Buffer.concat(pieces, byteLength);
  }

  /** The whole message as a string; of a binary message, its bytes read as UTF-8. */
  async text(options: CollectOptions = {}): Promise<string> {
    const bytes = await this.bytes(options);
    return bytes.toString();
  }

  /** The whole message as JSON. Rejects with a `SyntaxError` if it is none. */
  async json(options: CollectOptions = {}): Promise<unknown> {
    return JSON.parse(await this.text(options));
  }

  /**
   * Writes the message into the file at `path`, which is made, or emptied, and resolves with its size
   * in bytes. If it does not come whole, or cannot be written, the file is removed.
   */
  async toFile(path: string): Promise<number> {
    // First of all: a message that has been read already must cost no file.
    const pieces = this.#pieces.read();
    try {
      return await writeFile(path, pieces);
    } finally {
      await pieces.return?.();
    }
  }
}

async function writeFile(path: string, pieces: AsyncIterable<Buffer>): Promise<number> {
  const file = await open(path, 'w');
  try {
    const byteLength = await writePieces(file, pieces);
    // Some file systems tell only here that there was no room.
    await file.close();
    return byteLength;
  } catch (error) {
    await discard(file, path);
    throw error;
  }
}

async function writePieces(file: FileHandle, pieces: AsyncIterable<Buffer>): Promise<number> {
  let byteLength = 0;
  for await (const piece of pieces) {
    await file.writeFile(piece);
    byteLength += piece.byteLength;
  }
  return byteLength;
}

/** Removes what was begun. Why that cannot be is nothing to why it has to be. */
async function discard(file: FileHandle, path: string): Promise<void> {
  try {
    // A device or a pipe is not ours to remove, and of a link it is the file.
    if ((await file.stat()).isFile()) await rm(await realpath(path), { force: true });
  } catch {
  } finally {
    await file.close().catch(() => {});
  }
}

import { type FileHandle, open, rm } from 'node:fs/promises';
import type { PieceQueue } from './piece-queue.ts';

/** How much of a message may be put together in memory. */
export interface CollectOptions {
  /**
   * The most bytes; a longer message fails the connection with 1009. It is a bound of its own, as
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

  /** The whole message. */
  async bytes({ maxBytes = 2 ** 20 }: CollectOptions = {}): Promise<Buffer> {
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
    const file = await open(path, 'w');
    try {
      return await this.#write(file);
    } catch (error) {
      // A device or a pipe is not ours to remove.
      if ((await file.stat()).isFile()) await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  async #write(file: FileHandle): Promise<number> {
    let byteLength = 0;
    for await (const piece of this) {
      await file.writeFile(piece);
      byteLength += piece.byteLength;
    }
    return byteLength;
  }
}

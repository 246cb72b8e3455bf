import { UsageError } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import { heldBytes } from './held-bytes.ts';

/**
 * The pieces of one message between the connection, which puts them in as they come, and the one
 * reader that takes them. `heldChanged` is told by how many bytes what waits has grown or shrunk, with
 * a fixed overhead for each piece.
 */
export class PieceQueue {
  readonly #heldChanged: (bytes: number) => void;
  #pieces: Buffer[] = [];
  #ended = false;
  #error: Error | undefined;
  #claimed = false;
  #dropped = false;
  #waiting: Deferred<void> | undefined;

  constructor(heldChanged: (bytes: number) => void) {
    this.#heldChanged = heldChanged;
  }

  push(piece: Buffer): void {
    if (this.#dropped) return;
    this.#pieces.push(piece);
    this.#heldChanged(heldBytes(piece));
    this.#wake();
  }

  /** The message is whole. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The message will never be whole: who reads gets what has come, and then `error`. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  /** Drops what waits and what comes, unless somebody reads it. */
  skip(): void {
    if (!this.#claimed) this.#drop();
  }

  /** The pieces, for one reader. Leaving the loop drops the rest. */
  read(): AsyncIterableIterator<Buffer, undefined> {
    if (this.#claimed || this.#dropped) {
      throw new UsageError('WS_ALREADY_CONSUMED', 'a streamed message can be read once');
    }
    this.#claimed = true;
    const pieces = this.#read();
    const reader: AsyncIterableIterator<Buffer, undefined> = {
      next: () => pieces.next(),
      // The generator's own would do nothing before the first `next`, and wait for one under way.
      return: async () => {
        this.#drop();
        this.#wake();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => reader,
    };
    return reader;
  }

  async *#read(): AsyncGenerator<Buffer, undefined> {
    while (!this.#dropped) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#heldChanged(-heldBytes(piece));
        yield piece;
      } else if (this.#ended) return undefined;
      else if (this.#error !== undefined) throw this.#error;
      else await this.#more();
    }
    return undefined;
  }

  #more(): Promise<void> {
    this.#waiting ??= new Deferred();
    return this.#waiting.promise;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #drop(): void {
    this.#dropped = true;
    const bytes = this.#pieces.reduce((sum, piece) => sum + heldBytes(piece), 0);
    this.#pieces = [];
    if (bytes > 0) this.#heldChanged(-bytes);
  }
}

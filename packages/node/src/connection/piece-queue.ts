import { HELD_OBJECT_BYTES, UsageError } from '@heddle/core';
import { Deferred } from '../deferred.ts';

/** From so many bytes that wait on, no more are read from the peer. */
const FULL_BYTES = 256 * 1024;

/**
 * The pieces of one message between the connection, which puts them in as they come, and the one
 * reader that takes them. `flowChanged` is called when `full` may have changed.
 */
export class PieceQueue {
  readonly #flowChanged: () => void;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #error: Error | undefined;
  #claimed = false;
  #skipped = false;
  #waiting: Deferred<void> | undefined;

  constructor(flowChanged: () => void) {
    this.#flowChanged = flowChanged;
  }

  /** Bytes that wait, with a fixed overhead for each piece. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the peer must wait. */
  get full(): boolean {
    return this.#bytes >= FULL_BYTES;
  }

  push(piece: Buffer): void {
    if (this.#skipped) return;
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength + HELD_OBJECT_BYTES;
    this.#wake();
  }

  /** The message is whole. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The message will never be whole: who reads gets what has come, and then `error`. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#error ??= error;
    this.#wake();
  }

  /** Drops what waits and what comes, unless somebody reads it. */
  skip(): void {
    if (!this.#claimed) this.#drop();
  }

  /** The pieces, for one reader. Leaving the loop drops the rest. */
  read(): AsyncIterableIterator<Buffer, undefined> {
    if (this.#claimed || this.#skipped) {
      throw new UsageError('WS_ALREADY_CONSUMED', 'a streamed message can be read once');
    }
    this.#claimed = true;
    return this.#read();
  }

  async *#read(): AsyncGenerator<Buffer, undefined> {
    try {
      for (;;) {
        const piece = this.#shift();
        if (piece !== undefined) yield piece;
        else if (this.#ended) return undefined;
        else if (this.#error !== undefined) throw this.#error;
        else await this.#more();
      }
    } finally {
      this.#drop();
    }
  }

  #shift(): Buffer | undefined {
    const piece = this.#pieces.shift();
    if (piece !== undefined) this.#release(piece.byteLength + HELD_OBJECT_BYTES);
    return piece;
  }

  #release(bytes: number): void {
    const wasFull = this.full;
    this.#bytes -= bytes;
    if (wasFull && !this.full) this.#flowChanged();
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
    this.#skipped = true;
    this.#pieces = [];
    this.#release(this.#bytes);
  }
}

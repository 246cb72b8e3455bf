import { Duplex } from 'node:stream';
import { ClosedError } from '@heddle/core';
import type { Connection } from './connection.ts';

export interface DuplexOptions {
  /**
   * Whether what is read are messages, strings and buffers as they came. Otherwise their bytes are read
   * one after the other, as from any stream.
   * @default false
   */
  readonly objectMode?: boolean;
}

/** The reading and the writing half of a connection, as a stream of Node's has them. */
export class ConnectionDuplex extends Duplex {
  readonly #socket: Connection;
  readonly #messages: AsyncIterator<string | Buffer, undefined>;
  readonly #objectMode: boolean;

  constructor(socket: Connection, { objectMode = false }: DuplexOptions) {
    // A WebSocket cannot be half closed (§5.5.1): when one side has ended, so does the other.
    super({ readableObjectMode: objectMode, decodeStrings: false, allowHalfOpen: false });
    this.#socket = socket;
    this.#messages = socket[Symbol.asyncIterator]();
    this.#objectMode = objectMode;
  }

  override _read(): void {
    this.#next().catch((error) => this.destroy(error));
  }

  /** Each chunk is a message: a string is text, bytes are binary. */
  override _write(
    chunk: string | Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    if (this.#socket.state !== 'open') callback(new ClosedError());
    else if (this.#socket.send(chunk)) callback();
    else this.#socket.drained().then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.close().then(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#socket.state !== 'closed') this.#socket.destroy(error ?? undefined);
    callback(error);
  }

  async #next(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#messages.next();
      if (done) return await this.#ended();
      // A stream of bytes has no room for a message without any.
      if (!this.#objectMode && value.length === 0) continue;
      this.push(value);
      return;
    }
  }

  async #ended(): Promise<void> {
    const { wasClean, error } = await this.#socket.closed;
    if (wasClean) this.push(null);
    else this.destroy(error ?? new ClosedError());
  }
}

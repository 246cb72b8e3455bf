import { Duplex } from 'node:stream';
import { types } from 'node:util';
import { ClosedError, UsageError } from '@heddle/core';
import { asError } from '../as-error.ts';
import type { CloseInfo } from './close-record.ts';
import type { Connection } from './connection.ts';

/** How a connection is made a stream. */
export interface DuplexOptions {
  /**
   * Whether chunks are messages as they are, strings and Buffers, or what a schema makes of them.
   * Else text and binary are read as bytes alike, and where one message ends is lost.
   * @default false
   */
  readonly objectMode?: boolean;
}

type Callback = (error?: Error | null) => void;

/**
 * The whole connection as a stream of Node's, for `pipeline`, `readline` and whoever else takes one.
 *
 * Each message is a chunk to read. No more than one is read ahead: TCP holds the peer back while
 * nobody reads, so who only writes calls `resume()`. Each chunk that is written is a message: a string
 * in UTF-8 is text, all else is binary. Its bytes must not change until they are sent. `end()` closes
 * with 1000; what has not been read by then is dropped, for a WebSocket has no half-open state.
 *
 * The stream ends when the connection does, and is destroyed with the error if the connection failed,
 * with a `ClosedError` if the closing handshake was not done: it wants an `error` listener, as every
 * stream does. `destroy()` drops the connection.
 *
 * Throws `UsageError` `WS_ALREADY_CONSUMED` if a listener or an iterator takes the messages.
 */
export function toDuplex<In, Out>(
  socket: Connection<In, Out>,
  options: DuplexOptions = {},
): Duplex {
  return new DuplexFace(socket, options.objectMode ?? false);
}

class DuplexFace<In, Out> extends Duplex {
  readonly #socket: Connection<In, Out>;
  readonly #messages: AsyncIterator<In, undefined>;
  readonly #objectMode: boolean;

  constructor(socket: Connection<In, Out>, objectMode: boolean) {
    super({
      objectMode,
      decodeStrings: false,
      // A WebSocket that is closed for one direction is closed for the other.
      allowHalfOpen: false,
      // What is read ahead waits here in addition to what waits in the connection, and a message may
      // have a megabyte.
      readableHighWaterMark: 1,
    });
    this.#socket = socket;
    this.#objectMode = objectMode;
    this.#messages = socket[Symbol.asyncIterator]();
    void socket.closed.then((info) => this.#connectionClosed(info));
  }

  override _read(): void {
    const taken = this.#messages.next().then((step) => {
      if (this.destroyed) return;
      if (step.done) this.#end();
      else this.#pushMessage(step.value);
    });
    // What a listener of the stream throws.
    taken.catch((error) => this.destroy(asError(error)));
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: Callback): void {
    try {
      if (this.#socket.send(toMessage(chunk, encoding) as Out)) callback();
      else this.#socket.drained().then(() => callback(), callback);
    } catch (error) {
      // Of a wrong message, or after the application's own `close()`.
      callback(asError(error));
    }
  }

  override _final(callback: Callback): void {
    // Where it ends in a failure, the stream has been destroyed by then.
    void this.#socket.close().then(() => callback());
  }

  override _destroy(error: Error | null, callback: Callback): void {
    if (this.#socket.state !== 'closed') this.#socket.destroy(error ?? undefined);
    void this.#socket.closed.then(() => callback(error));
  }

  #pushMessage(message: In): void {
    // To a stream `null` is its end, but a schema may make it of a message.
    if (message === null || message === undefined) {
      this.destroy(new UsageError('WS_UNSUPPORTED_MESSAGE', `not ${message}`));
      return;
    }
    // An empty chunk of bytes is none: a stream would not ask again.
    if (!this.#objectMode && isEmpty(message)) this._read();
    else this.push(message);
  }

  /** No message will come. */
  #end(): void {
    this.push(null);
    // A stream tells of its end to who reads; who only writes must learn of it too.
    if (this.readableLength === 0) this.read(0);
  }

  #connectionClosed(info: CloseInfo): void {
    const failure = failureOf(info);
    if (failure !== undefined) this.destroy(failure);
    // Nobody may have asked: finds out whether what has come was the last.
    else if (!this.destroyed && this.readableLength === 0) this._read();
  }
}

/** Why the connection has ended, unless both sides just closed it. */
function failureOf({ wasClean, error }: CloseInfo): Error | undefined {
  return error ?? (wasClean ? undefined : new ClosedError());
}

function isEmpty(message: unknown): boolean {
  return message === '' || (types.isUint8Array(message) && message.byteLength === 0);
}

/** A string that was written in another encoding than UTF-8 spells bytes. */
function toMessage(chunk: unknown, encoding: BufferEncoding | undefined): unknown {
  // In object mode Node names none unless the writer did.
  if (typeof chunk !== 'string' || encoding === undefined) return chunk;
  if (/^utf-?8$/i.test(encoding)) return chunk;
  return Buffer.from(chunk, encoding);
}

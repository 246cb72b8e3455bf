import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { UsageError } from '@heddle/core';
import type { Connection } from './connection.ts';
import { unsupportedMessage } from './unsupported-message.ts';
import { WsEventTarget } from './ws-event-target.ts';

/** How `ws` numbers the states of a connection. */
const READY_STATES = { open: 1, closing: 2, closed: 3 } as const;

/**
 * The major version of `ws` that a handler was written for. Text comes as a string in 7, as a buffer
 * and `isBinary` in 8; so does the reason of a close, without the second argument.
 */
export type WsVersion = 7 | 8;

/** What `ws` takes beside a message. The rest of its options is nothing that can be chosen here. */
interface SendOptions {
  readonly binary?: boolean;
  readonly compress?: boolean;
  readonly fin?: boolean;
}

type Callback = (error?: Error) => void;

/**
 * A connection as handlers that were written for `ws` know it: with its events, in the form of
 * `version`, and the members that such handlers use.
 */
export class WsSocket extends WsEventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly #connection: Connection;
  readonly #version: WsVersion;

  constructor(connection: Connection, version: WsVersion = 8) {
    super({ captureRejections: true });
    this.#connection = connection;
    this.#version = version;
    this.on('newListener', this.#onNewListener);
    connection.on('ping', (payload) => this.emit('ping', payload));
    connection.on('pong', (payload) => this.emit('pong', payload));
    connection.on('close', ({ code, reason, error }) => {
      if (error !== undefined && this.listenerCount('error') > 0) this.emit('error', error);
      this.emit('close', code, version === 7 ? reason : Buffer.from(reason));
    });
  }

  get readyState(): number {
    return READY_STATES[this.#connection.state];
  }

  /** The subprotocol; empty if there is none. */
  get protocol(): string {
    return this.#connection.subprotocol ?? '';
  }

  /** The names of the negotiated extensions. */
  get extensions(): string {
    return this.#connection.extensions.join();
  }

  get bufferedAmount(): number {
    return this.#connection.bufferedBytes;
  }

  /**
   * The callback, last, is called when the kernel has the message, or with why it never will.
   * Throws `UsageError` `WS_UNSUPPORTED_MESSAGE` for `fin: false`: messages go out whole.
   */
  send(data: unknown, ...rest: readonly unknown[]): void {
    const options: SendOptions = rest.find(isObject) ?? {};
    if (options.fin === false) throw new UsageError('WS_UNSUPPORTED_MESSAGE', 'not a fragment');
    const { binary, compress = true } = options;
    if (this.#connection.state === 'open') {
      this.#connection.send(toMessage(data, binary), { compress });
    }
    const callback = rest.find(isCallback);
    if (callback === undefined) return;
    const failed = (error: unknown) => this[EventEmitter.captureRejectionSymbol](error);
    this.#connection
      .drained()
      .then(() => callback(), callback)
      .catch(failed);
  }

  ping(): void {
    // Whether an answer comes is for the listeners of `pong`.
    this.#connection.ping().catch(() => {});
  }

  close(code?: number, reason?: string | Uint8Array): void {
    this.#connection.close(code, reason === undefined ? '' : String(reason));
  }

  terminate(): void {
    this.#connection.destroy();
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** What an async listener rejects with goes where that of the connection's own would; Node calls it. */
  override [EventEmitter.captureRejectionSymbol](error: unknown): void {
    this.#connection[EventEmitter.captureRejectionSymbol](error);
  }

  /** The connection holds its messages until somebody listens; so must this. */
  readonly #onNewListener = (event: string | symbol): void => {
    if (event !== 'message') return;
    this.off('newListener', this.#onNewListener);
    this.#connection.on('message', (message) => {
      const text = typeof message === 'string';
      if (this.#version === 7) this.emit('message', message);
      else this.emit('message', text ? Buffer.from(message) : message, !text);
    });
  };
}

/** What `ws` would send: text as text and all else as bytes, unless `binary` says otherwise. */
function toMessage(data: unknown, binary?: boolean): string | Uint8Array {
  const bytes = toBytes(data);
  if (bytes === undefined) return binary ? Buffer.from(String(data)) : String(data);
  return binary === false ? Buffer.from(bytes).toString() : bytes;
}

function toBytes(data: unknown): Uint8Array | undefined {
  // Not `instanceof`: test runners and `node:vm` have types of their own.
  if (types.isUint8Array(data)) return data;
  if (types.isAnyArrayBuffer(data)) return new Uint8Array(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (typeof data === 'string' || typeof data === 'number') return undefined;
  throw unsupportedMessage(data);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function';
}

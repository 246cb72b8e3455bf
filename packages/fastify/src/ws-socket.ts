import { EventEmitter } from 'node:events';
import type { Connection } from '@heddle/node';

/** How `ws` numbers the states of a connection. */
const READY_STATES = { open: 1, closing: 2, closed: 3 } as const;

type Callback = (error?: Error) => void;

/**
 * A connection as handlers that were written for `ws` know it: with the events, and the members that
 * the handlers of graphql-ws and tRPC use.
 */
export class WsSocket extends EventEmitter {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super({ captureRejections: true });
    this.#connection = connection;
    this.on('newListener', this.#onNewListener);
    connection.on('ping', (payload) => this.emit('ping', payload));
    connection.on('pong', (payload) => this.emit('pong', payload));
    connection.on('close', ({ code, reason, error }) => {
      if (error !== undefined && this.listenerCount('error') > 0) this.emit('error', error);
      this.emit('close', code, Buffer.from(reason));
    });
  }

  get readyState(): number {
    return READY_STATES[this.#connection.state];
  }

  /** The subprotocol; empty if there is none. */
  get protocol(): string {
    return this.#connection.subprotocol ?? '';
  }

  get bufferedAmount(): number {
    return this.#connection.bufferedBytes;
  }

  /** The callback, last, is called when the kernel has the message, or with why it never will. */
  send(data: string | Uint8Array, ...rest: readonly unknown[]): void {
    if (this.#connection.state === 'open') this.#connection.send(data);
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
      const data = typeof message === 'string' ? Buffer.from(message) : message;
      this.emit('message', data, typeof message !== 'string');
    });
  };
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function';
}

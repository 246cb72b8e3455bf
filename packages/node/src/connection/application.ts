import { types } from 'node:util';
import { CloseCode, ClosedError, type Message, ProtocolError } from '@heddle/core';
import { callApplication } from '../application-call.ts';
import { publish } from '../diagnostics.ts';
import type { ResolvedOptions } from '../options.ts';
import type { CloseInfo } from './close-record.ts';
import type { AnyConnection, Connection, ConnectionStart } from './connection.ts';
import type { ConnectionEvents } from './connection-events.ts';
import type { ConnectionHost } from './connection-host.ts';
import type { LimitAction, LimitName } from './limit-name.ts';
import { formatReply, parseMessage, reasonOfRefusal } from './message-schema.ts';
import { reportError } from './report-error.ts';
import { unsupportedMessage } from './unsupported-message.ts';
import type { WireListener } from './wire-listener.ts';

/**
 * The application at one connection: what it is told, what messages are to it by its schemas, and what
 * its mistakes come to. `close` closes the connection, if it is open, because of an error.
 */
export class Application<In, Out> implements WireListener {
  readonly #options: ResolvedOptions;
  readonly #socket: AnyConnection;
  readonly #host: ConnectionHost | undefined;
  readonly #close: (error: unknown, code: number, reason: string) => void;

  constructor(
    { options, host }: Pick<ConnectionStart, 'options' | 'host'>,
    socket: Connection<In, Out>,
    close: (error: unknown, code: number, reason: string) => void,
  ) {
    this.#options = options;
    this.#host = host;
    // The callbacks were given for messages of these types.
    this.#socket = socket as AnyConnection;
    this.#close = close;
  }

  /** What the application gets for `message`; `undefined` if the schema refuses it. */
  open(message: Message): IteratorYieldResult<In> | undefined {
    const { schema } = this.#options;
    if (schema.message === undefined) return { value: message as In, done: false };
    try {
      return { value: parseMessage(schema.message, message) as In, done: false };
    } catch (error) {
      if (error instanceof ProtocolError) this.#refuse(error);
      else this.failed(error);
      return undefined;
    }
  }

  hasListener(): boolean {
    return this.#socket.listenerCount('message') > 0;
  }

  deliver(message: Message): void {
    const opened = this.open(message);
    if (opened !== undefined) this.#emit('message', opened.value);
  }

  ping(payload: Uint8Array): void {
    // A copy: the answer is still to be sent.
    if (this.#socket.listenerCount('ping') > 0) this.#emit('ping', Buffer.from(payload));
  }

  pong(payload: Uint8Array): void {
    this.#emit('pong', payload as Buffer);
  }

  drain(): void {
    this.#emit('drain');
  }

  arrived(message: Message): void {
    publish('heddle:connection:message', { socket: this.#socket, message });
  }

  limited(limit: LimitName, action: LimitAction): void {
    const socket = this.#socket;
    this.#host?.limited(limit);
    publish('heddle:limit', { limit, action, socket, request: socket.request });
  }

  closed(info: CloseInfo): void {
    publish('heddle:connection:close', { socket: this.#socket, info });
    this.#host?.closed(this.#socket, this.#options);
    if (info.error !== undefined && this.#socket.listenerCount('error') > 0) {
      this.#emit('error', info.error);
    }
    this.#emit('close', info);
  }

  /** What is sent for `message`. Throws `UsageError`: `WS_UNSUPPORTED_MESSAGE`, `WS_INVALID_REPLY`. */
  encode(message: Out): Message {
    const { reply } = this.#options.schema;
    if (reply !== undefined) return formatReply(reply, message);
    // Not `instanceof`: test runners and `node:vm` have a `Uint8Array` of their own.
    if (typeof message === 'string' || types.isUint8Array(message)) return message;
    throw unsupportedMessage(message);
  }

  /** The application's handler or listener threw, or rejected. */
  failed(error: unknown): void {
    // A peer that leaves while the application awaits `drained()` or `ping()` is nobody's mistake.
    if (error instanceof ClosedError && this.#socket.state !== 'open') return;
    reportError(this.#options.onError, error, this.#socket);
    this.#close(error, CloseCode.InternalError, '');
  }

  /** Emits; what a listener throws is the application's fault, and ends this connection alone. */
  #emit<K extends keyof ConnectionEvents<unknown>>(
    event: K,
    ...args: ConnectionEvents<unknown>[K]
  ): void {
    try {
      this.#socket.emit(event, ...args);
    } catch (error) {
      this.failed(error);
    }
  }

  #refuse(error: ProtocolError): void {
    const { onInvalidMessage } = this.#options;
    if (onInvalidMessage === undefined) {
      this.#close(error, error.closeCode, reasonOfRefusal(error));
      return;
    }
    const failed = (thrown: unknown) => this.failed(thrown);
    void callApplication(() => onInvalidMessage(error, this.#socket), failed);
  }
}

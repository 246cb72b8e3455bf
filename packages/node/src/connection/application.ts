import { types } from 'node:util';
import { CloseCode, ClosedError, type Message, ProtocolError } from '@heddle/core';
import { callApplication } from '../application-call.ts';
import type { ResolvedOptions } from '../options.ts';
import type { AnyConnection, Connection } from './connection.ts';
import { formatReply, parseMessage, reasonOfRefusal } from './message-schema.ts';
import { reportError } from './report-error.ts';
import { unsupportedMessage } from './unsupported-message.ts';

/**
 * What messages are to the application of one connection, by its schemas, and what its mistakes come
 * to. `close` closes the connection, if it is open, because of an error.
 */
export class Application<In, Out> {
  readonly #options: ResolvedOptions;
  readonly #socket: AnyConnection;
  readonly #close: (error: unknown, code: number, reason: string) => void;

  constructor(
    options: ResolvedOptions,
    socket: Connection<In, Out>,
    close: (error: unknown, code: number, reason: string) => void,
  ) {
    this.#options = options;
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

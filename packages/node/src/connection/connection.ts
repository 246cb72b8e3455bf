import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { assertClose, CloseCode, ClosedError, type ProtocolError, UsageError } from '@heddle/core';
import { callApplication } from '../application-call.ts';
import { asError } from '../as-error.ts';
import { publish } from '../diagnostics.ts';
import { Application } from './application.ts';
import { fitCloseReason } from './close-reason.ts';
import type { CloseInfo } from './close-record.ts';
import { ConnectionEmitter } from './connection-emitter.ts';
import { type ConsumeOptions, consume, type MessageHandler } from './consume.ts';
import { type DuplexOptions, toDuplex } from './duplex-face.ts';
import type { Inbox } from './inbox.ts';
import { PreparedMessage } from './prepared-message.ts';
import {
  assertSendStreamOptions,
  assertSource,
  type MessageSource,
  OutgoingStream,
  type SendStreamOptions,
} from './send-stream.ts';
import type { StreamedMessage } from './streamed-message.ts';
import { toWeb, type WebSocketStreamFace } from './web-face.ts';
import { Wire, type WireStart } from './wire.ts';

/** How one message is sent. */
export interface SendOptions {
  /**
   * Whether it may be compressed, where that was negotiated.
   * @default true
   */
  readonly compress?: boolean;
}

const NO_OPTIONS: SendOptions = {};

/** What a connection is made from, once the opening handshake is done. */
export interface ConnectionStart extends WireStart {
  /** What was read behind the opening handshake. */
  readonly head: Buffer;
  readonly subprotocol: string | undefined;
  /** The request that was upgraded; a client has none. */
  readonly request?: IncomingMessage | undefined;
  /** The peer's, where neither the transport nor the request's socket knows it. */
  readonly remoteAddress?: string | undefined;
}

/**
 * Calls a route's handler, at once. What it throws or rejects with goes to `onError` and closes the
 * connection with 1011. When it has settled, messages no longer wait for a consumer.
 */
export let runHandler: (connection: AnyConnection, handler: () => unknown) => void;

/** Has a connection tell its server anew what is held for it. */
export let recount: (connection: AnyConnection) => void;

/** Frees what is held for a connection, and ends it because of `error`: with a close frame if it is open. */
export let dropHeld: (connection: AnyConnection, error: ProtocolError) => void;

/**
 * Closes a connection, once the message has come that somebody is reading as a stream, if there is one. A
 * message that is being sent as a stream goes first in any case.
 */
export let closeAfterStream: (connection: AnyConnection, code: number, reason: string) => void;

/** A connection whatever its messages are: for those who only hold, close or destroy it. */
export type AnyConnection = Connection<unknown, unknown>;

/**
 * One WebSocket connection, on a server or on a client.
 *
 * It starts held: control frames are answered, but messages wait for the first `message` listener or
 * iterator, so that nothing is lost while a handler awaits something else. They wait within bounds,
 * and then TCP holds the peer back. When the handler's promise has settled, or after `resume()`,
 * messages that nobody listens for are dropped.
 */
export class Connection<
  In = string | Buffer,
  Out = string | Uint8Array,
> extends ConnectionEmitter<In> {
  /** What was negotiated (§4.2.2), `undefined` if nothing was. */
  readonly subprotocol: string | undefined;
  /** The names of the negotiated extensions. */
  readonly extensions: readonly string[];
  /** The request that was upgraded, on a server. */
  readonly request: IncomingMessage | undefined;
  readonly remoteAddress: string | undefined;
  readonly #wire: Wire;
  readonly #inbox: Inbox;
  readonly #application: Application<In, Out>;

  constructor(start: ConnectionStart) {
    super();
    const { transport, extensions } = start;
    this.subprotocol = start.subprotocol;
    this.extensions = extensions.map(({ name }) => name);
    this.request = start.request;
    const socket = start.request?.socket ?? transport;
    this.remoteAddress = start.remoteAddress ?? Reflect.get(socket, 'remoteAddress');
    this.#application = new Application<In, Out>(start, this, (error, code, reason) =>
      this.#closeBecause(error, code, reason),
    );
    this.#wire = new Wire(start, this.#application);
    this.#inbox = this.#wire.inbox;
    publish('heddle:connection:open', { socket: this as AnyConnection });
    this.#wire.start(start.head);
  }

  /**
   * `'closing'` from what ends the connection, which is a close frame, ours or the peer's, a failure
   * or `destroy()`, until the transport is gone.
   */
  get state(): 'open' | 'closing' | 'closed' {
    return this.#wire.state;
  }

  /** How many bytes the kernel has not taken yet, the overhead of waiting messages included. */
  get bufferedBytes(): number {
    return this.#wire.outbox.bufferedBytes;
  }

  /**
   * All that is held for this connection, in bytes: the message that is arriving, those that wait for the
   * application or to be sent, the windows of compression, and a fixed overhead for each.
   */
  get retainedBytes(): number {
    return this.#wire.holdings.bytes;
  }

  /** The last round trip that was measured, in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#wire.pinger.latencyMs;
  }

  /** Resolves when the transport is gone. Never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#wire.closed;
  }

  /**
   * Sends a message: a string as text, bytes as binary, or what `schema.reply` describes as JSON.
   * Bytes must not change until they are written: `drained()`. What was prepared is sent as it is.
   * `compress: false` sends it uncompressed, whatever was negotiated.
   *
   * Returns `false` when `highWaterMarkBytes` wait to be sent, as Node's streams do, or when the
   * message was dropped, because the peer or the network has ended the connection or by the
   * `slowConsumer` policy.
   *
   * Throws `UsageError`: `WS_SEND_AFTER_CLOSE` after our own `close()`, `WS_UNSUPPORTED_MESSAGE`,
   * `WS_INVALID_REPLY`.
   */
  send(message: Out | PreparedMessage, { compress = true }: SendOptions = NO_OPTIONS): boolean {
    const sent = message instanceof PreparedMessage ? message : this.#application.encode(message);
    if (this.#wire.closeStarted) throw new UsageError('WS_SEND_AFTER_CLOSE');
    return this.state === 'open' && this.#wire.outbox.send(sent, compress);
  }

  /**
   * Sends one message in fragments, piece by piece, and reads the source no faster than the peer reads.
   * Messages that are sent meanwhile wait behind it; control frames pass. Resolves when the last
   * fragment is on its way: `drained()` tells when the kernel has it.
   *
   * Rejects with what the source throws; if the message has begun by then, it cannot be ended, and the
   * connection closes with 1011. Rejects with `ClosedError` if the connection ends, which nobody need see
   * to, and with `UsageError` `WS_UNSUPPORTED_MESSAGE` for a piece that is neither a string nor bytes. The
   * source is ended then: a stream destroyed, an iterator returned.
   *
   * Throws `UsageError`: `WS_SEND_AFTER_CLOSE`, `WS_INVALID_OPTION`.
   */
  sendStream(source: MessageSource, options: SendStreamOptions = {}): Promise<void> {
    assertSource(source);
    assertSendStreamOptions(options);
    if (this.#wire.closeStarted) throw new UsageError('WS_SEND_AFTER_CLOSE');
    const stream = new OutgoingStream(this.#wire.outbox, options, this.#wire.compresses);
    const sent = stream.send(source).catch((error: unknown) => {
      // A peer that leaves is nobody's mistake, and need not be seen to; a source that fails is one.
      if (error instanceof ClosedError) sent.catch(() => {});
      if (stream.begun) this.#closeBecause(error, CloseCode.InternalError, '');
      throw error;
    });
    return sent;
  }

  /**
   * Resolves when the kernel has taken everything sent so far. Rejects with `WS_CLOSED` if it never
   * will, and at once where the peer, the network or `destroy()` has ended the connection.
   */
  drained(): Promise<void> {
    return this.#wire.outbox.drained();
  }

  /** Resolves with the round trip in milliseconds; rejects with `WS_CLOSED`. */
  ping(): Promise<number> {
    if (this.state === 'open') return this.#wire.pinger.ping();
    return this.#wire.pinger.refuse();
  }

  /**
   * Starts the closing handshake (§7.1.2), after everything that has been sent; messages that wait or
   * still come are dropped. Resolves when the transport is gone, after `closingTimeoutMs` at the latest.
   *
   * Throws `UsageError`: `WS_INVALID_CLOSE_CODE` unless `code` is 1000–1003, 1007–1014 or 3000–4999,
   * `WS_CLOSE_REASON_TOO_LONG` above 123 bytes of UTF-8.
   */
  close(code: number = CloseCode.NormalClosure, reason = ''): Promise<CloseInfo> {
    assertClose(code, reason);
    if (this.state === 'open') {
      this.#wire.startClose(code, reason);
      this.#inbox.discard();
    }
    return this.closed;
  }

  /**
   * Drops the transport at once, without a closing handshake, and the messages that wait. `error`
   * appears in `CloseInfo`.
   */
  destroy(error?: Error): void {
    this.#wire.destroy(error);
    this.#inbox.discard(error);
  }

  /** Delivers no message, and then reads nothing more, until `resume()`. */
  pause(): void {
    this.#inbox.pause();
  }

  /** Delivers and reads again. From then on messages that nobody listens for are dropped. */
  resume(): void {
    this.#inbox.resume();
  }

  /**
   * The messages one at a time; TCP holds the peer back while the loop's body runs. The loop ends
   * when the connection does, `closed` says how. Leaving the loop holds the connection: the next
   * consumer goes on where it stopped.
   *
   * Throws `UsageError` `WS_ALREADY_CONSUMED` if a listener or another iterator takes the messages.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    return this.#inbox.iterate() as AsyncIterableIterator<In, undefined>;
  }

  /**
   * The messages as streams, each from its first fragment on, its bytes as they come; TCP holds the
   * peer back while nobody reads them. What is left of a message is passed over when the next one is
   * asked for. `schema.message` does not judge them. The loop ends when the connection does, and leaving
   * it holds the connection, as with the iterator. A message is still bounded by
   * `limits.maxMessageBytes`, which may be as large as a file here.
   *
   * Throws `UsageError` `WS_ALREADY_CONSUMED` if a listener or an iterator takes the messages.
   */
  incoming(): AsyncIterableIterator<StreamedMessage, undefined> {
    return this.#inbox.incoming();
  }

  /**
   * Calls `handler` with each message, several at a time, and sends what it returns, or resolves with,
   * as the reply; `undefined` is none. What it throws or rejects with goes to `onError`, and closes the
   * connection with 1011. Resolves, and never rejects, when there are no more messages, or `signal` has
   * aborted, and every handler has settled.
   *
   * Throws `UsageError`: `WS_ALREADY_CONSUMED` as the iterator does, `WS_INVALID_OPTION`.
   */
  consume(handler: MessageHandler<In, Out>, options: ConsumeOptions = {}): Promise<void> {
    return consume(this, handler, options, (error) => this.#application.failed(error));
  }

  /**
   * The whole connection as a stream of Node's: each message is a chunk to read, each chunk that is
   * written a message, a string as text and bytes as binary, with backpressure in both directions.
   * `end()` closes with 1000. Throws `UsageError` `WS_ALREADY_CONSUMED` as the iterator does.
   */
  toDuplex(options: DuplexOptions = {}): Duplex {
    return toDuplex(this, options);
  }

  /**
   * The connection in the shape of the browser's `WebSocketStream`, with backpressure in both
   * directions. Throws `UsageError` `WS_ALREADY_CONSUMED` as the iterator does.
   */
  toWeb(): WebSocketStreamFace<In, Out> {
    return toWeb(this);
  }

  /** Closes with 1000 and waits for the end: `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected override messageListenerAdded(): void {
    this.#inbox.listenerAdded();
  }

  /** What an async listener rejects with; Node calls it. */
  override [EventEmitter.captureRejectionSymbol](error: unknown): void {
    this.#application.failed(error);
  }

  #closeBecause(error: unknown, code: number, reason: string): void {
    if (this.state !== 'open') return;
    this.#wire.startClose(code, fitCloseReason(reason), asError(error));
    this.#inbox.discard(error);
  }

  /** For the functions that need more than the application may use. */
  static {
    recount = (connection) => connection.#wire.holdings.report();
    dropHeld = (connection, error) => {
      if (connection.state === 'open') connection.#wire.failConnection(error);
      else connection.#wire.destroy(error);
      connection.#inbox.discard(error);
    };
    closeAfterStream = (connection, code, reason) => {
      connection.#inbox.whenStreamed(() => connection.close(code, reason));
    };
    runHandler = (connection, handler) => {
      const failed = (error: unknown) => connection.#application.failed(error);
      void callApplication(handler, failed).then(() => connection.#inbox.release());
    };
  }
}

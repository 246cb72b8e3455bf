import type { Duplex } from 'node:stream';
import {
  CloseCode,
  type Message,
  type NegotiatedExtension,
  Protocol,
  ProtocolError,
  type ProtocolSink,
} from '@heddle/core';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { dropTransport, isHttp2Stream } from './drop-transport.ts';
import { Heartbeat, type Patient } from './heartbeat.ts';
import { nativePrimitives, nextMaskingKey, sharedSlab } from './native-primitives.ts';
import { Outbox, type OutboxListener } from './outbox.ts';
import { Pinger } from './pinger.ts';

/** How a connection ended, in the browser's words. */
export interface CloseInfo {
  /** The peer's close code; 1005 if its close frame had none, 1006 if no close frame came. */
  readonly code: number;
  /** The peer's reason, else empty. */
  readonly reason: string;
  /** Whether both sides have sent a close frame. */
  readonly wasClean: boolean;
  /** Why the connection failed: a `ProtocolError`, or the network's error. */
  readonly error: Error | undefined;
}

/** Who the wire works for. All calls are synchronous and must not throw. */
export interface WireListener {
  message(message: Message): void;
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  drain(): void;
  close(info: CloseInfo): void;
  /** What the application has not taken yet, in bytes. */
  readonly heldBytes: number;
  /** Whether the application takes more. */
  readonly readingWanted: boolean;
}

export interface WireStart {
  readonly role: 'client' | 'server';
  /** A socket, a TLS socket, or any other stream of bytes in both directions. */
  readonly transport: Duplex;
  readonly options: ResolvedOptions;
  readonly extensions: readonly NegotiatedExtension[];
}

/**
 * The machinery of a connection: the protocol, the transport that it speaks over, and the clocks. It
 * has the only listeners on the transport, and the only timer of the closing handshake.
 */
export class Wire implements ProtocolSink, OutboxListener, Patient {
  readonly outbox: Outbox;
  readonly pinger: Pinger;
  readonly closed = new Deferred<CloseInfo>();
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #listener: WireListener;
  readonly #options: ResolvedOptions;
  readonly #heartbeat: Heartbeat;
  #closeStarted = false;
  #closeFrame: { readonly code: number; readonly reason: string } | undefined;
  #error: Error | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #destroyed = false;
  #gone = false;
  #receiving = false;
  /** What the transport delivered while we were at work on what it had delivered before. */
  readonly #unread: Buffer[] = [];

  constructor({ role, transport, options, extensions }: WireStart, listener: WireListener) {
    this.#transport = transport;
    this.#listener = listener;
    this.#options = options;
    this.#protocol = new Protocol(
      {
        role,
        limits: options.limits,
        extensions,
        primitives: nativePrimitives,
        slab: sharedSlab,
        ...(role === 'client' && { nextMaskingKey }),
      },
      this,
    );
    this.outbox = new Outbox(transport, this.#protocol, options, this);
    this.pinger = new Pinger((payload) => this.#protocol.ping(payload));
    this.#heartbeat = new Heartbeat(this, options);
  }

  /** Begins to read: first `head`, which came together with the opening handshake. */
  start(head: Buffer): void {
    const transport = this.#transport;
    transport.on('error', (error: Error) => this.#blame(error));
    transport.on('close', () => this.#transportClosed());
    transport.on('end', () => this.#transportEnded());
    // A stream tells of its end once: it may have done so before anyone listened here.
    if (transport.closed) process.nextTick(() => this.#transportClosed());
    else if (transport.readableEnded) process.nextTick(() => this.#transportEnded());
    else if (head.byteLength > 0) transport.unshift(head);
    transport.on('data', (chunk: Buffer) => this.#receive(chunk));
    // Somebody may have paused it.
    this.applyFlow();
  }

  get state(): 'open' | 'closing' | 'closed' {
    if (this.#gone) return 'closed';
    return this.#closeStarted || this.#protocol.closeExpected ? 'closing' : 'open';
  }

  /** Whether our side has started the closing handshake. */
  get closeStarted(): boolean {
    return this.#closeStarted;
  }

  /** Starts the closing handshake (§7.1.2) while `open`; what waits to be sent goes first. */
  startClose(code: number | undefined, reason: string, because?: Error): void {
    this.#error ??= because;
    this.#closeStarted = true;
    this.#startDeadline();
    this.outbox.finish(() => this.#protocol.close(code, reason));
    // The peer's close frame may come behind messages that nobody wants any more.
    this.applyFlow();
  }

  /** _Fail the WebSocket Connection_ (§7.1.7). */
  failConnection(error: ProtocolError): void {
    this.#protocol.fail(error);
  }

  /** Drops the transport at once; nothing more is parsed, not even of what has come. */
  destroy(error?: Error): void {
    if (error !== undefined) this.#blame(error);
    this.#destroyed = true;
    this.#protocol.receiveEnd();
    dropTransport(this.#transport);
  }

  /** Reads from the peer, or has TCP hold it back, as the application wants it. */
  applyFlow(): void {
    if (this.#readingPaused) {
      this.#transport.pause();
      this.#heartbeat.pause();
    } else {
      if (this.#transport.isPaused()) this.#transport.resume();
      this.#heartbeat.resume();
    }
  }

  get #readingPaused(): boolean {
    return this.state === 'open' && !this.#listener.readingWanted;
  }

  get withinFrame(): boolean {
    return this.#protocol.withinFrame;
  }

  get framesReceived(): number {
    return this.#protocol.framesReceived;
  }

  message(message: Message): void {
    if (!this.#closeStarted) this.#listener.message(message);
  }

  ping(payload: Uint8Array): void {
    this.#listener.ping(payload);
  }

  pong(payload: Uint8Array): void {
    this.pinger.pong(payload);
    this.#listener.pong(payload);
  }

  close(code: number, reason: string): void {
    this.#closeFrame = { code, reason };
    this.outbox.abandon(this.#error);
    this.#startDeadline();
  }

  fail(error: ProtocolError): void {
    if (!this.#destroyed) this.#blame(error);
    this.outbox.abandon(this.#error);
    this.#startDeadline();
    // The end of the peer's half must be seen, whatever comes before it.
    this.applyFlow();
  }

  output(): void {
    this.outbox.schedule();
  }

  end(): void {
    if (!this.#destroyed) this.outbox.end();
  }

  overflowed(): void {
    this.failConnection(new ProtocolError('WS_SLOW_CONSUMER'));
  }

  drained(): void {
    this.#listener.drain();
  }

  probe(): void {
    this.pinger.ping();
  }

  /** A peer that is gone is dropped; one that only dribbles can still be told why. */
  stalled(error: ProtocolError): void {
    if (error.code === 'WS_HEARTBEAT_TIMEOUT') this.destroy(error);
    else this.failConnection(error);
  }

  #receive(chunk: Buffer): void {
    // A stream in memory may deliver the answer to what a listener sends before that returns.
    if (this.#receiving) {
      this.#unread.push(chunk);
      return;
    }
    this.#receiving = true;
    this.outbox.beginTurn();
    let next: Buffer | undefined = chunk;
    for (; next !== undefined; next = this.#unread.shift()) this.#parse(next);
    this.#receiving = false;
    this.outbox.endTurn();
    if (this.#readingPaused) this.applyFlow();
  }

  #parse(chunk: Buffer): void {
    this.#protocol.receive(chunk);
    this.#heartbeat.heard(chunk.byteLength);
    const retained = this.#protocol.retainedBytes + this.#listener.heldBytes;
    if (retained > this.#options.limits.maxRetainedBytes) {
      this.failConnection(new ProtocolError('WS_RETAINED_TOO_MUCH'));
    }
  }

  #transportEnded(): void {
    // Node says of a stream of HTTP/2 that is reset first that it has ended, and within the turn why.
    if (isHttp2Stream(this.#transport)) setImmediate(() => this.#peerEnded());
    else this.#peerEnded();
  }

  #peerEnded(): void {
    if (this.#gone) return;
    this.#protocol.receiveEnd();
    this.outbox.end();
  }

  #transportClosed(): void {
    if (this.#gone) return;
    this.#protocol.receiveEnd();
    this.#gone = true;
    clearTimeout(this.#deadline);
    this.outbox.close(this.#error);
    this.pinger.close(this.#error);
    const { code, reason } = this.#closeFrame ?? { code: CloseCode.AbnormalClosure, reason: '' };
    const info = { code, reason, wasClean: this.#closeFrame !== undefined, error: this.#error };
    this.closed.resolve(info);
    this.#listener.close(info);
  }

  /** §7.1.4: after the closing handshake nothing that happens to TCP makes the close unclean. */
  #blame(error: Error): void {
    if (this.#closeFrame === undefined) this.#error ??= error;
  }

  /** §7.1.1: TCP gets so long to end, and is then dropped. */
  #startDeadline(): void {
    this.#heartbeat.stop();
    this.#deadline ??= setTimeout(() => {
      // Not before what has come meanwhile is read: it may be we who were late.
      setImmediate(() => this.destroy(new ProtocolError('WS_CLOSING_TIMEOUT')));
    }, this.#options.closingTimeoutMs);
  }
}

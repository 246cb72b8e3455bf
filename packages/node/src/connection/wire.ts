import type { Duplex } from 'node:stream';
import {
  type Message,
  type PermessageDeflate,
  Protocol,
  ProtocolError,
  type ProtocolSink,
} from '@heddle/core';
import { NodeInflater } from '../compression/inflater.ts';
import { isObserved } from '../diagnostics.ts';
import type { ResolvedOptions } from '../options.ts';
import { type CloseInfo, CloseRecord } from './close-record.ts';
import { ClosingDeadline } from './closing-deadline.ts';
import type { ConnectionHost } from './connection-host.ts';
import { dropTransport, isHttp2Stream } from './drop-transport.ts';
import { Heartbeat, type Patient } from './heartbeat.ts';
import { Holdings } from './holdings.ts';
import { Inbox } from './inbox.ts';
import type { InboxSource } from './inbox-source.ts';
import { Intake, type IntakeListener } from './intake.ts';
import { limitBehind } from './limit-name.ts';
import { nativePrimitives, nextMaskingKey, sharedBlocks, sharedSlab } from './native-primitives.ts';
import { Outbox, type OutboxListener } from './outbox.ts';
import { Pinger } from './pinger.ts';
import { RateLimit, type RateLimitName, type RateListener } from './rate-limit.ts';
import { readShared } from './shared-read-buffer.ts';
import { compressionOf, Transmitter } from './transmitter.ts';
import type { WireListener } from './wire-listener.ts';

export interface WireStart {
  readonly role: 'client' | 'server';
  /** A socket, a TLS socket, or any other stream of bytes in both directions. */
  readonly transport: Duplex;
  readonly options: ResolvedOptions;
  readonly extensions: readonly PermessageDeflate[];
  /** The server that it belongs to; a client's has none. */
  readonly host?: ConnectionHost | undefined;
}

/**
 * The machinery of a connection: the protocol, the transport that it speaks over, and the clocks. It
 * has the only listeners on the transport, and the only timer of the closing handshake.
 */
export class Wire
  implements ProtocolSink, OutboxListener, InboxSource, IntakeListener, Patient, RateListener
{
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly holdings: Holdings;
  /** Whether what is sent can be compressed. */
  readonly compresses: boolean;
  readonly pinger: Pinger;
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #listener: WireListener;
  readonly #options: ResolvedOptions;
  readonly #heartbeat: Heartbeat;
  readonly #intake: Intake;
  readonly #rate: RateLimit | undefined;
  readonly #end = new CloseRecord();
  #closeStarted = false;
  #deadline: ClosingDeadline | undefined;
  #destroyed = false;

  constructor(start: WireStart, listener: WireListener) {
    const { role, transport, options, extensions } = start;
    const [deflate] = extensions;
    this.#transport = transport;
    this.#listener = listener;
    this.#options = options;
    this.#rate = RateLimit.of(options, this);
    this.#protocol = new Protocol(
      {
        role,
        limits: options.limits,
        extensions,
        inflater: deflate && new NodeInflater(deflate.decompressor, () => this.applyFlow()),
        primitives: nativePrimitives,
        slab: sharedSlab,
        blocks: sharedBlocks,
        ...(role === 'client' && { nextMaskingKey }),
      },
      this,
    );
    const compression = compressionOf(deflate, options.compression);
    const transmitter = new Transmitter(this.#protocol, role, compression);
    this.outbox = new Outbox(transport, this.#protocol, transmitter, options, this);
    this.compresses = compression !== undefined;
    this.pinger = new Pinger(this.#protocol);
    this.#heartbeat = new Heartbeat(this.#protocol, this, options);
    this.#intake = new Intake(this.#protocol, this);
    this.inbox = new Inbox(this, listener, options.limits);
    this.holdings = new Holdings(this.#protocol, this.outbox, this.inbox, start.host);
  }

  /** Begins to read: first `head`, which came together with the opening handshake. */
  start(head: Buffer): void {
    const transport = this.#transport;
    // We end our half when all that came is read, not Node as soon as the peer has ended its own.
    transport.allowHalfOpen = true;
    transport.on('error', (error: Error) => this.#blame(error));
    transport.on('close', () => this.#transportClosed());
    transport.on('end', () => this.#transportEnded());
    // A stream tells of its end once: it may have done so before anyone listened here.
    if (transport.closed) process.nextTick(() => this.#transportClosed());
    else if (transport.readableEnded) process.nextTick(() => this.#transportEnded());
    else if (head.byteLength > 0) transport.unshift(head);
    transport.on('data', (chunk: Buffer) => this.#deliver(chunk, false));
    if (this.#options.sharedReadBuffer) {
      readShared(transport, (bytes) => this.#deliver(bytes, true));
    }
    // Somebody may have paused it.
    this.applyFlow();
  }

  get state(): 'open' | 'closing' | 'closed' {
    if (this.#end.finished) return 'closed';
    return this.#closeStarted || this.#protocol.closeExpected ? 'closing' : 'open';
  }

  /** Resolves when the transport is gone. Never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#end.closed;
  }

  /** Whether our side has started the closing handshake. */
  get closeStarted(): boolean {
    return this.#closeStarted;
  }

  /** Starts the closing handshake (§7.1.2) while `open`; what waits to be sent goes first. */
  startClose(code: number | undefined, reason: string, because?: Error): void {
    this.#blame(because);
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
    this.#blame(error);
    this.#destroyed = true;
    this.#protocol.receiveEnd();
    dropTransport(this.#transport);
  }

  /** Has messages streamed from here on, or put together. */
  set streaming(streaming: boolean) {
    this.#protocol.streaming = streaming;
  }

  /** Has the message that has begun put together after all: nothing of it has been passed on. */
  putTogether(): void {
    this.#protocol.putTogether();
  }

  /** Nothing more is wanted, not even of what has been read, until `applyFlow` finds that it is. */
  hold(): void {
    this.#protocol.pause();
  }

  /** Reads from the peer, or has TCP hold it back, as the application wants it. */
  applyFlow(): void {
    // It is looked at once what was read is at its end.
    if (this.#intake.reading) return;
    if (this.#intake.unfinished && !this.#isUnwanted()) this.#intake.readOn();
    if (this.#isReadingPaused()) {
      this.#transport.pause();
      this.#heartbeat.pause();
    } else {
      if (this.#transport.isPaused()) this.#transport.resume();
      this.#heartbeat.resume();
    }
  }

  /** Once we have closed, the peer's close frame is wanted, and what stands before it. */
  #isUnwanted(): boolean {
    if (this.state !== 'open') return false;
    return !this.inbox.readingWanted || this.#rate?.throttled === true;
  }

  #isReadingPaused(): boolean {
    return this.#protocol.suspended || this.#isUnwanted();
  }

  /** What is held of what is arriving, in bytes. */
  get retainedBytes(): number {
    return this.#protocol.retainedBytes;
  }

  message(message: Message): void {
    if (this.#closeStarted || this.#rate?.message() === false) return;
    if (isObserved('heddle:connection:message')) this.#listener.arrived(message);
    this.inbox.take(message);
  }

  messageStart(text: boolean): void {
    if (this.#closeStarted || this.#rate?.message() === false) return;
    this.inbox.messageStart(text);
  }

  messagePiece(piece: Uint8Array): void {
    if (!this.#closeStarted) this.inbox.messagePiece(piece);
  }

  messageEnd(): void {
    if (!this.#closeStarted) this.inbox.messageEnd();
  }

  ping(payload: Uint8Array): void {
    if (this.#rate?.message() !== false) this.#listener.ping(payload);
  }

  pong(payload: Uint8Array): void {
    if (this.#rate?.message() === false) return;
    this.pinger.pong(payload);
    this.#listener.pong(payload);
  }

  close(code: number, reason: string): void {
    this.#end.received(code, reason);
    this.outbox.abandon(this.#end.error);
    this.#startDeadline();
  }

  fail(error: ProtocolError): void {
    if (!this.#destroyed) this.#blame(error);
    this.outbox.abandon(this.#end.error);
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

  dropped(): void {
    this.#listener.limited('maxBufferedBytes', 'drop');
  }

  throttled(limit: RateLimitName): void {
    this.hold();
    this.#listener.limited(limit, 'pause');
  }

  drained(): void {
    this.#listener.drain();
  }

  broken(error: Error): void {
    this.destroy(error);
  }

  probe(): void {
    this.pinger.ping();
  }

  knock(): void {
    if (this.outbox.bufferedBytes === 0) this.#protocol.pong();
  }

  /** A peer that is gone is dropped; one that only dribbles can still be told why. */
  stalled(error: ProtocolError): void {
    if (error.code === 'WS_HEARTBEAT_TIMEOUT') this.destroy(error);
    else this.failConnection(error);
  }

  beginTurn(): void {
    this.outbox.beginTurn();
  }

  endTurn(): void {
    this.outbox.endTurn();
  }

  read(byteLength: number): void {
    if (byteLength > 0) {
      this.#heartbeat.heard(byteLength);
      this.#rate?.read(byteLength);
    }
    if (this.holdings.becauseOfThePeer > this.#options.limits.maxRetainedBytes) {
      this.failConnection(new ProtocolError('WS_RETAINED_TOO_MUCH'));
    }
    this.holdings.report();
  }

  bufferedChanged(): void {
    this.holdings.report();
  }

  /** The peer has ended its half, and all that came before it has been read. */
  ended(): void {
    if (this.#end.finished) return;
    this.#protocol.receiveEnd();
    this.outbox.end();
  }

  #deliver(chunk: Buffer, lent: boolean): void {
    this.#intake.deliver(chunk, lent);
    if (this.#isReadingPaused()) this.applyFlow();
  }

  #transportEnded(): void {
    // Node says of a stream of HTTP/2 that is reset first that it has ended, and within the turn why.
    if (isHttp2Stream(this.#transport)) setImmediate(() => this.#intake.end());
    else this.#intake.end();
  }

  #transportClosed(): void {
    if (this.#end.finished) return;
    this.#protocol.receiveEnd();
    this.#deadline?.stop();
    this.#rate?.stop();
    const info = this.#end.finish();
    this.outbox.close(info.error);
    this.pinger.close(info.error);
    this.inbox.end(info.error);
    this.holdings.release();
    this.#listener.closed(info);
  }

  #blame(error: Error | undefined): void {
    if (!this.#end.blame(error)) return;
    const limit = limitBehind(error);
    if (limit !== undefined) this.#listener.limited(limit, 'close');
  }

  #startDeadline(): void {
    this.#heartbeat.stop();
    this.#deadline ??= new ClosingDeadline(this.#options.closingTimeoutMs, this.outbox, this);
    this.#deadline.start();
  }
}

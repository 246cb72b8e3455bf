import type { Duplex } from 'node:stream';
import {
  CloseCode,
  type Message,
  type PermessageDeflate,
  Protocol,
  ProtocolError,
  type ProtocolSink,
} from '@heddle/core';
import { NodeInflater } from '../compression/inflater.ts';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { dropTransport, isHttp2Stream } from './drop-transport.ts';
import { Heartbeat, type Patient } from './heartbeat.ts';
import { Inbox, type InboxListener } from './inbox.ts';
import type { InboxSource } from './inbox-source.ts';
import { Intake, type IntakeListener } from './intake.ts';
import { nativePrimitives, nextMaskingKey, sharedBlocks, sharedSlab } from './native-primitives.ts';
import { Outbox, type OutboxListener } from './outbox.ts';
import { Pinger } from './pinger.ts';
import { readShared } from './shared-read-buffer.ts';
import { compressionOf, Transmitter } from './transmitter.ts';

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

/** Who the wire works for, beside the messages. All calls are synchronous and must not throw. */
export interface WireListener extends InboxListener {
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  drain(): void;
  closed(info: CloseInfo): void;
}

export interface WireStart {
  readonly role: 'client' | 'server';
  /** A socket, a TLS socket, or any other stream of bytes in both directions. */
  readonly transport: Duplex;
  readonly options: ResolvedOptions;
  readonly extensions: readonly PermessageDeflate[];
}

/**
 * The machinery of a connection: the protocol, the transport that it speaks over, and the clocks. It
 * has the only listeners on the transport, and the only timer of the closing handshake.
 */
export class Wire implements ProtocolSink, OutboxListener, InboxSource, IntakeListener, Patient {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  /** Whether what is sent can be compressed. */
  readonly compresses: boolean;
  readonly pinger: Pinger;
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #listener: WireListener;
  readonly #options: ResolvedOptions;
  readonly #heartbeat: Heartbeat;
  readonly #intake: Intake;
  #closeStarted = false;
  /** Who waits for the end, if anybody does, and how it came. */
  #closed: Deferred<CloseInfo> | undefined;
  #closeInfo: CloseInfo | undefined;
  #closeFrame: { readonly code: number; readonly reason: string } | undefined;
  #error: Error | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #destroyed = false;

  constructor(start: WireStart, listener: WireListener) {
    const { role, transport, options, extensions } = start;
    const [deflate] = extensions;
    this.#transport = transport;
    this.#listener = listener;
    this.#options = options;
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
    this.#heartbeat = new Heartbeat(this, options);
    this.#intake = new Intake(this.#protocol, this);
    this.inbox = new Inbox(this, listener, options.limits);
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
    if (this.#closeInfo !== undefined) return 'closed';
    return this.#closeStarted || this.#protocol.closeExpected ? 'closing' : 'open';
  }

  /** Resolves when the transport is gone. Never rejects. */
  get closed(): Promise<CloseInfo> {
    this.#closed ??= new Deferred();
    if (this.#closeInfo !== undefined) this.#closed.resolve(this.#closeInfo);
    return this.#closed.promise;
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
    return this.state === 'open' && !this.inbox.readingWanted;
  }

  #isReadingPaused(): boolean {
    return this.#protocol.suspended || this.#isUnwanted();
  }

  /** What is held of what is arriving, in bytes. */
  get retainedBytes(): number {
    return this.#protocol.retainedBytes;
  }

  get withinFrame(): boolean {
    return this.#protocol.withinFrame;
  }

  get framesReceived(): number {
    return this.#protocol.framesReceived;
  }

  message(message: Message): void {
    if (!this.#closeStarted) this.inbox.take(message);
  }

  messageStart(text: boolean): void {
    if (!this.#closeStarted) this.inbox.messageStart(text);
  }

  messagePiece(piece: Uint8Array): void {
    if (!this.#closeStarted) this.inbox.messagePiece(piece);
  }

  messageEnd(): void {
    if (!this.#closeStarted) this.inbox.messageEnd();
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

  broken(error: Error): void {
    this.destroy(error);
  }

  probe(): void {
    this.pinger.ping();
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
    if (byteLength > 0) this.#heartbeat.heard(byteLength);
    const retained = this.#protocol.retainedBytes + this.outbox.retainedBytes;
    if (retained + this.inbox.bytes > this.#options.limits.maxRetainedBytes) {
      this.failConnection(new ProtocolError('WS_RETAINED_TOO_MUCH'));
    }
  }

  /** The peer has ended its half, and all that came before it has been read. */
  ended(): void {
    if (this.#closeInfo !== undefined) return;
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
    if (this.#closeInfo !== undefined) return;
    this.#protocol.receiveEnd();
    clearTimeout(this.#deadline);
    const { code, reason } = this.#closeFrame ?? { code: CloseCode.AbnormalClosure, reason: '' };
    const info = { code, reason, wasClean: this.#closeFrame !== undefined, error: this.#error };
    this.#closeInfo = info;
    this.outbox.close(this.#error);
    this.pinger.close(this.#error);
    this.#closed?.resolve(info);
    this.inbox.end(info.error);
    this.#listener.closed(info);
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
      setImmediate(() => {
        const late = new ProtocolError('WS_CLOSING_TIMEOUT');
        this.outbox.cutOff(late);
        setImmediate(() => this.destroy(late));
      });
    }, this.#options.closingTimeoutMs);
  }
}

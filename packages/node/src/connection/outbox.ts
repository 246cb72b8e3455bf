import type { Duplex } from 'node:stream';
import { ClosedError, type MessageStart, type Protocol } from '@heddle/core';
import { asError } from '../as-error.ts';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { FrameOutput, type OutputListener } from './frame-output.ts';
import { heldBytes } from './held-bytes.ts';
import type { Sendable, Transmitter } from './transmitter.ts';
import { type Waiting, type WaitingListener, WaitingMessages } from './waiting-messages.ts';

/** What the outbox tells its connection. */
export interface OutboxListener extends WaitingListener {
  /** The kernel has taken everything, after a `send` had returned `false`. */
  drained(): void;
  /** What waits has grown or shrunk: so much that somebody may want to count it. */
  bufferedChanged(): void;
  /** A message could not be compressed. */
  broken(error: Error): void;
}

/**
 * What is to be sent, in its order. Messages become frames at once; above the high-water mark, while
 * one is being compressed elsewhere, or sent in fragments, they wait as messages, where `slowConsumer`
 * can still drop or replace them. A close frame comes after them.
 *
 * What each message asks are methods: for private getters V8 calls into its runtime, thrice as slow.
 */
export class Outbox implements OutputListener {
  readonly #protocol: Protocol;
  readonly #transmitter: Transmitter;
  readonly #listener: OutboxListener;
  readonly #highWaterMarkBytes: number;
  readonly #waiting: WaitingMessages;
  readonly #output: FrameOutput;
  /** Whether a message has begun that others must not overtake, and what of it is not framed yet. */
  #busy = false;
  #busyBytes = 0;
  /** Whether fragments of it have been framed, and whether the others will never come. */
  #withinMessage = false;
  #cutOff = false;
  /** Starts the closing handshake, once nothing waits. */
  #finish: (() => void) | undefined;
  /** Whether a `send` has returned `false` since everything was taken. */
  #refused = false;
  #drain: Deferred<void> | undefined;
  /** Who waits for room for a fragment. */
  #room: Deferred<void> | undefined;
  /** Who sends the message in fragments that has begun. */
  #ended: ((error: ClosedError) => void) | undefined;
  /** Whether nothing more can be sent, and why: an error once somebody asks, as most connections end unasked. */
  #over = false;
  #overBecause: unknown;
  #error: ClosedError | undefined;

  constructor(
    transport: Duplex,
    protocol: Protocol,
    transmitter: Transmitter,
    options: Pick<ResolvedOptions, 'limits' | 'slowConsumer'>,
    listener: OutboxListener,
  ) {
    this.#protocol = protocol;
    this.#transmitter = transmitter;
    this.#listener = listener;
    this.#highWaterMarkBytes = options.limits.highWaterMarkBytes;
    this.#waiting = new WaitingMessages(options, listener);
    this.#output = new FrameOutput(transport, protocol, this);
  }

  /** Bytes that the kernel has not taken; each message that waits here counts an overhead too. */
  get bufferedBytes(): number {
    return this.#output.byteLength + this.#busyBytes + this.#waiting.bytes;
  }

  /** What is held to compress with, in bytes. */
  get retainedBytes(): number {
    return this.#transmitter.retainedBytes;
  }

  /** Sends a message, or has it wait. `false` above the high-water mark and if it was dropped. */
  send(message: Sendable, compress: boolean): boolean {
    // What waits goes first, even where the mark would let this one pass.
    if (this.#busy || this.#isFull() || !this.#waiting.empty) {
      const aheadBytes = this.bufferedBytes - this.#waiting.bytes;
      if (this.#waiting.add(message, compress, aheadBytes) && !this.#isFull()) return true;
    } else {
      // The answer to a ping that came before what this message answers goes first.
      this.#protocol.answerPing();
      this.#transmit(message, compress);
      if (!this.#isFull()) return true;
      this.#output.flush();
      if (!this.#isFull()) return true;
    }
    this.#refused = true;
    this.#listener.bufferedChanged();
    return false;
  }

  /** The kernel has not taken all that was written. */
  left(): void {
    this.#listener.bufferedChanged();
  }

  /**
   * Resolves when everything before has been framed: then a message in fragments may begin. Rejects
   * with `ClosedError` if the connection has ended; `ended` is called when it ends within the message.
   */
  async begin(ended: (error: ClosedError) => void): Promise<void> {
    if (this.#over) throw this.#closedError();
    const begun = new Deferred<void>();
    this.#waiting.addBegin(begun);
    this.#advance();
    await begun.promise;
    if (this.#over) throw this.#closedError();
    this.#ended = ended;
  }

  /** Ends a message before its time: if part of it was sent, only a close frame can follow (§5.4). */
  cancel(): void {
    this.#cutOff = this.#withinMessage;
    if (this.#cutOff) this.#advance();
    else this.#transmitted();
  }

  /**
   * Sends a fragment of the message that has begun. Resolves when there is room for the next, if there
   * is to be one; rejects with `ClosedError` if the connection has ended.
   */
  async fragment(bytes: Uint8Array, fin: boolean, start: MessageStart): Promise<void> {
    if (this.#over) throw this.#closedError();
    this.#busyBytes = bytes.byteLength;
    await this.#transmitter.transmitFragment(bytes, fin, start);
    this.#busyBytes = 0;
    this.#withinMessage = !fin;
    // After the last fragment there is nobody who needs room: the next message may have begun.
    if (fin) this.#transmitted();
    else await this.#roomForMore();
  }

  /** Resolves when the kernel has everything; rejects with `ClosedError` if the connection has ended. */
  drained(): Promise<void> {
    // Not even with nothing left to send: whoever waits here for room to send would do so forever.
    if (this.#over) return Deferred.rejected(this.#closedError());
    if (this.bufferedBytes === 0) return Promise.resolve();
    this.#drain ??= new Deferred();
    return this.#drain.promise;
  }

  /** There is output: it leaves when the turn ends. */
  schedule(): void {
    this.#output.schedule();
  }

  /** What is sent until `endTurn` leaves in one write then. */
  beginTurn(): void {
    this.#output.beginTurn();
  }

  endTurn(): void {
    // A peer that does not read gets one pong for all its pings, when it reads again.
    if (!this.#isAboveMark()) this.#protocol.answerPing();
    this.#output.endTurn();
  }

  /** Calls `finish`, which writes the close frame, after everything that waits. */
  finish(finish: () => void): void {
    this.#finish = finish;
    this.#advance();
  }

  /** The connection has ended for the peer or by it: drops what waits. What is framed still leaves. */
  abandon(cause: unknown): void {
    if (!this.#over) this.#overBecause = cause;
    this.#over = true;
    if (this.#busy || !this.#waiting.empty) this.#drain?.reject(this.#closedError());
    this.#room?.reject(this.#closedError());
    this.#ended?.(this.#closedError());
    if (!this.#waiting.empty) this.#waiting.drop(this.#closedError());
    this.#busyBytes = 0;
    this.#finish = undefined;
    this.#transmitter.close();
  }

  /**
   * Sends the close frame that waits, if one does, without what it waits for: a message whose fragments
   * do not come to an end (§5.4 lets it come between them). Nothing else is sent any more, because of
   * `cause`.
   */
  cutOff(cause: unknown): void {
    if (this.#finish === undefined) return;
    this.#finish();
    this.abandon(cause);
    this.#output.flush();
  }

  /** Writes what is framed and ends our half of the stream. */
  end(): void {
    this.#output.end();
  }

  /** The transport is gone. */
  close(cause: unknown): void {
    this.abandon(cause);
    this.#drain?.reject(this.#closedError());
  }

  /** Whether anything goes on once the kernel has what was written. */
  get awaited(): boolean {
    return (
      this.#refused ||
      this.#drain !== undefined ||
      this.#room !== undefined ||
      !this.#waiting.empty ||
      this.#finish !== undefined
    );
  }

  /** The kernel has everything that was written. */
  taken(): void {
    this.#advance();
    this.#listener.bufferedChanged();
    if (!this.#isAboveMark()) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.bufferedBytes > 0) return;
    this.#drain?.resolve();
    this.#drain = undefined;
    if (!this.#refused || this.#over) return;
    this.#refused = false;
    this.#listener.drained();
  }

  /** Frames what waits, as far as the mark allows, and then what comes after it. */
  #advance(): void {
    while (!this.#busy && !this.#isAboveMark()) {
      const waiting = this.#waiting.take();
      if (waiting === undefined) break;
      this.#start(waiting);
      if (this.#isAboveMark()) this.#output.flush();
    }
    // Between the fragments of a message, too, which may be long in coming.
    this.#protocol.answerPing();
    if (this.#cutOff ? this.#finish === undefined : this.#busy || !this.#waiting.empty) return;
    this.#finish?.();
    this.#finish = undefined;
    this.#output.flush();
  }

  #start(waiting: Waiting): void {
    this.#busy = 'begun' in waiting;
    try {
      if ('begun' in waiting) waiting.begun.resolve();
      else this.#transmit(waiting.message, waiting.compress);
    } catch (error) {
      // Whoever sent it cannot be told any more.
      this.#listener.broken(asError(error));
    }
  }

  #transmit(message: Sendable, compress: boolean): void {
    const transmitted = this.#transmitter.transmit(message, compress);
    if (transmitted === undefined) return;
    this.#busy = true;
    this.#busyBytes = heldBytes(message);
    transmitted.then(this.#transmitted, (error: unknown) => {
      if (!this.#over) this.#listener.broken(asError(error));
    });
  }

  readonly #transmitted = (): void => {
    this.#busy = false;
    this.#ended = undefined;
    this.#busyBytes = 0;
    this.#advance();
  };

  #roomForMore(): Promise<void> {
    if (this.#over) return Deferred.rejected(this.#closedError());
    // Not what is full: others that wait behind this message would wait for it, and it for them.
    if (this.#isAboveMark()) this.#output.flush();
    if (!this.#isAboveMark()) return Promise.resolve();
    this.#room = new Deferred();
    return this.#room.promise;
  }

  #closedError(): ClosedError {
    this.#error ??= new ClosedError(this.#overBecause);
    return this.#error;
  }

  #isAboveMark(): boolean {
    return this.#output.byteLength >= this.#highWaterMarkBytes;
  }

  #isFull(): boolean {
    return this.bufferedBytes >= this.#highWaterMarkBytes;
  }
}

import type { Duplex } from 'node:stream';
import { ClosedError, type MessageStart, type Protocol } from '@heddle/core';
import { asError } from '../as-error.ts';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { heldBytes } from './held-bytes.ts';
import { joinFrames } from './join-frames.ts';
import { PreparedMessage } from './prepared-message.ts';
import type { Sendable, Transmitter } from './transmitter.ts';

/** What the outbox tells its connection. */
export interface OutboxListener {
  /** `maxBufferedBytes` wait, and the policy is to close. */
  overflowed(): void;
  /** The kernel has taken everything, after a `send` had returned `false`. */
  drained(): void;
  /** A message could not be compressed. */
  broken(error: Error): void;
}

/** What waits for its turn: a message, or one that will come in fragments. */
type Waiting =
  | { readonly message: Sendable; readonly compress: boolean }
  | { readonly begin: () => void };

/**
 * What waits to be sent. The frames of one turn gather in the protocol and leave in one write. Above
 * the high-water mark messages wait here instead, as messages, where `slowConsumer` can still drop
 * or replace them; so they do while one is being compressed elsewhere, or sent in fragments. A close
 * frame comes after them.
 */
export class Outbox {
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #transmitter: Transmitter;
  readonly #options: Pick<ResolvedOptions, 'limits' | 'slowConsumer'>;
  readonly #listener: OutboxListener;
  /** In the order of sending. The key is the one that `coalesce` gave, or one of its own. */
  readonly #waiting = new Map<unknown, Waiting>();
  #waitingBytes = 0;
  /** Whether a message has begun that others must not overtake, and what of it is not framed yet. */
  #busy = false;
  #busyBytes = 0;
  /** Starts the closing handshake, once nothing waits. */
  #finish: (() => void) | undefined;
  #inTurn = false;
  #flushScheduled = false;
  #refused = false;
  #drain: Deferred<void> | undefined;
  /** Those who wait for room for a fragment, and for the turn of their message. */
  #room: Deferred<void> | undefined;
  readonly #begins = new Set<Deferred<void>>();
  /** Why nothing more can be sent. */
  #closedBy: ClosedError | undefined;

  constructor(
    transport: Duplex,
    protocol: Protocol,
    transmitter: Transmitter,
    options: Pick<ResolvedOptions, 'limits' | 'slowConsumer'>,
    listener: OutboxListener,
  ) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.#transmitter = transmitter;
    this.#options = options;
    this.#listener = listener;
  }

  /** Bytes that the kernel has not taken; each message that waits here counts an overhead too. */
  get bufferedBytes(): number {
    return this.#unwrittenBytes + this.#waitingBytes + this.#busyBytes;
  }

  /** Sends a message, or has it wait. `false` above the high-water mark and if it was dropped. */
  send(message: Sendable, compress: boolean): boolean {
    // What waits goes first, even where the mark would let this one pass.
    if (this.#busy || this.#full || this.#waiting.size > 0) {
      if (this.#wait(message, compress) && !this.#full) return true;
    } else {
      // The answer to a ping that came before what this message answers goes first.
      this.#protocol.answerPing();
      this.#transmit(message, compress);
      if (!this.#full) return true;
      this.flush();
      if (!this.#full) return true;
    }
    this.#refused = true;
    return false;
  }

  /**
   * Resolves when everything before has been framed: then a message in fragments may begin, which
   * ends with the one that has `fin`, or with `cancel` before the first. Rejects with `ClosedError` if the connection has ended.
   */
  begin(): Promise<void> {
    if (this.#closedBy !== undefined) return Deferred.rejected(this.#closedBy);
    const begun = new Deferred<void>();
    const begin = (): void => {
      this.#begins.delete(begun);
      this.#busy = true;
      begun.resolve();
    };
    this.#waiting.set(begun, { begin });
    this.#begins.add(begun);
    this.#advance();
    return begun.promise;
  }

  /** The message that was to come in fragments does not come. */
  cancel(): void {
    this.#transmitted();
  }

  /**
   * Sends a fragment of the message that has begun. Resolves when there is room for the next; rejects
   * with `ClosedError` if the connection has ended.
   */
  async fragment(bytes: Uint8Array, fin: boolean, start: MessageStart): Promise<void> {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    this.#busyBytes = bytes.byteLength;
    await this.#transmitter.transmitFragment(bytes, fin, start);
    this.#busyBytes = 0;
    if (fin) this.#transmitted();
    await this.#roomForMore();
  }

  /** Resolves when the kernel has everything; rejects with `ClosedError` if the connection has ended. */
  drained(): Promise<void> {
    // Not even with nothing left to send: whoever waits here for room to send would do so forever.
    if (this.#closedBy !== undefined) return Deferred.rejected(this.#closedBy);
    if (this.bufferedBytes === 0) return Promise.resolve();
    this.#drain ??= new Deferred();
    return this.#drain.promise;
  }

  /** There is output: it leaves when the turn ends. */
  schedule(): void {
    if (this.#inTurn || this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => this.flush());
  }

  /** What is sent until `endTurn` leaves in one write then. */
  beginTurn(): void {
    this.#inTurn = true;
  }

  endTurn(): void {
    this.#inTurn = false;
    // A peer that does not read gets one pong for all its pings, when it reads again.
    if (!this.#full) this.#protocol.answerPing();
    this.flush();
  }

  /** Calls `finish`, which writes the close frame, after everything that waits. */
  finish(finish: () => void): void {
    this.#finish = finish;
    this.#advance();
  }

  /** The connection has ended for the peer or by it: drops what waits. What is framed still leaves. */
  abandon(cause: unknown): void {
    this.#closedBy ??= new ClosedError(cause);
    if (this.#busy || this.#waiting.size > 0) this.#drain?.reject(this.#closedBy);
    for (const begun of this.#begins) begun.reject(this.#closedBy);
    this.#begins.clear();
    this.#room?.reject(this.#closedBy);
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#busyBytes = 0;
    this.#finish = undefined;
    this.#transmitter.close();
  }

  /** Writes what is framed and ends our half of the stream. */
  end(): void {
    this.flush();
    this.#transport.end();
  }

  /** The transport is gone. */
  close(cause: unknown): void {
    this.abandon(cause);
    this.#drain?.reject(this.#closedBy);
  }

  flush(): void {
    this.#flushScheduled = false;
    if (this.#protocol.outputBytes === 0) return;
    const chunks = joinFrames(this.#protocol.takeOutput());
    if (!this.#transport.writable) return;
    const last = chunks.pop();
    // Corked, several chunks are one system call.
    if (chunks.length > 0) this.#transport.cork();
    for (const chunk of chunks) this.#transport.write(chunk);
    this.#transport.write(last, this.#written);
    if (chunks.length > 0) this.#transport.uncork();
  }

  readonly #written = (error?: Error | null): void => {
    // Node 20 tells of no error to the write that a destroyed socket was at.
    if (error || this.#transport.destroyed) return;
    this.#advance();
    if (!this.#full) this.#resolveRoom();
    if (this.bufferedBytes > 0) return;
    this.#drain?.resolve();
    this.#drain = undefined;
    if (!this.#refused || this.#closedBy !== undefined) return;
    this.#refused = false;
    this.#listener.drained();
  };

  /** Frames what waits, as far as the mark allows, and then what comes after it. */
  #advance(): void {
    for (const [key, waiting] of this.#waiting) {
      if (this.#busy || this.#aboveMark) return;
      this.#forget(key, waiting);
      if ('begin' in waiting) waiting.begin();
      else this.#transmit(waiting.message, waiting.compress);
      if (this.#aboveMark) this.flush();
    }
    if (this.#busy) return;
    this.#protocol.answerPing();
    this.#finish?.();
    this.#finish = undefined;
    this.flush();
  }

  #transmit(message: Sendable, compress: boolean): void {
    const transmitted = this.#transmitter.transmit(message, compress);
    if (transmitted === undefined) return;
    this.#busy = true;
    this.#busyBytes = heldBytes(message);
    transmitted.then(this.#transmitted, (error: unknown) => {
      if (this.#closedBy === undefined) this.#listener.broken(asError(error));
    });
  }

  readonly #transmitted = (): void => {
    this.#busy = false;
    this.#busyBytes = 0;
    this.#advance();
  };

  #roomForMore(): Promise<void> {
    if (this.#closedBy !== undefined) return Deferred.rejected(this.#closedBy);
    this.flush();
    if (!this.#full) return Promise.resolve();
    this.#room ??= new Deferred();
    return this.#room.promise;
  }

  #resolveRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  get #aboveMark(): boolean {
    return this.#unwrittenBytes >= this.#options.limits.highWaterMarkBytes;
  }

  get #unwrittenBytes(): number {
    return this.#protocol.outputBytes + this.#transport.writableLength;
  }

  get #full(): boolean {
    return this.bufferedBytes >= this.#options.limits.highWaterMarkBytes;
  }

  /** Has a message wait; `false` if it was dropped. */
  #wait(message: Sendable, compress: boolean): boolean {
    const key = this.#keyOf(message);
    const replaced = this.#waiting.get(key);
    if (replaced !== undefined) this.#waitingBytes -= waitingBytesOf(replaced);
    if (!this.#admits(key) && replaced === undefined) return false;
    // In the place of the one it replaces: else a key that changes often would never be sent.
    this.#waiting.set(key, { message, compress });
    this.#waitingBytes += heldBytes(message);
    return true;
  }

  #keyOf(message: Sendable): unknown {
    const { slowConsumer } = this.#options;
    if (typeof slowConsumer !== 'object') return Symbol();
    const plain = message instanceof PreparedMessage ? message.message : message;
    return slowConsumer.coalesce(plain) ?? Symbol();
  }

  /** Whether a message may wait under `newKey`; makes room, or closes, as the policy says. */
  #admits(newKey: unknown): boolean {
    const { limits, slowConsumer } = this.#options;
    if (slowConsumer === 'drop-oldest' || typeof slowConsumer === 'object') {
      for (const [key, waiting] of this.#waiting) {
        if (this.bufferedBytes < limits.maxBufferedBytes) break;
        // What comes in fragments waits for the peer already.
        if (key !== newKey && !('begin' in waiting)) this.#forget(key, waiting);
      }
    }
    if (this.bufferedBytes < limits.maxBufferedBytes) return true;
    if (slowConsumer === 'close') this.#listener.overflowed();
    return false;
  }

  #forget(key: unknown, waiting: Waiting): void {
    this.#waiting.delete(key);
    this.#waitingBytes -= waitingBytesOf(waiting);
  }
}

function waitingBytesOf(waiting: Waiting): number {
  return 'begin' in waiting ? 0 : heldBytes(waiting.message);
}

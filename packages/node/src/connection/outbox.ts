import type { Duplex } from 'node:stream';
import { ClosedError, type Message, type Protocol } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { heldBytes } from './held-bytes.ts';

/** What the outbox tells its connection. */
export interface OutboxListener {
  /** `maxBufferedBytes` wait, and the policy is to close. */
  overflowed(): void;
  /** The kernel has taken everything, after a `send` had returned `false`. */
  drained(): void;
}

/**
 * What waits to be sent. The frames of one turn gather in the protocol and leave in one write. Above
 * the high-water mark messages wait here instead, as messages, where `slowConsumer` can still drop
 * or replace them; a close frame comes after them.
 */
export class Outbox {
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #options: Pick<ResolvedOptions, 'limits' | 'slowConsumer'>;
  readonly #listener: OutboxListener;
  /** In the order of sending. The key is the one that `coalesce` gave, or one of its own. */
  readonly #waiting = new Map<unknown, Message>();
  #waitingBytes = 0;
  /** Starts the closing handshake, once nothing waits. */
  #finish: (() => void) | undefined;
  #inTurn = false;
  #flushScheduled = false;
  #refused = false;
  #drain: Deferred<void> | undefined;
  /** Why nothing more can be sent. */
  #closedBy: ClosedError | undefined;

  constructor(
    transport: Duplex,
    protocol: Protocol,
    options: Pick<ResolvedOptions, 'limits' | 'slowConsumer'>,
    listener: OutboxListener,
  ) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.#options = options;
    this.#listener = listener;
  }

  /** Bytes that the kernel has not taken; each message that waits here counts an overhead too. */
  get bufferedBytes(): number {
    return this.#unwrittenBytes + this.#waitingBytes;
  }

  /** Sends a message, or has it wait. `false` above the high-water mark and if it was dropped. */
  send(message: Message): boolean {
    // What waits goes first, even where the mark would let this one pass.
    if (this.#full || this.#waiting.size > 0) {
      this.#wait(message);
    } else {
      // The answer to a ping that came before what this message answers goes first.
      this.#protocol.answerPing();
      this.#protocol.send(message);
      if (!this.#full) return true;
      this.flush();
      if (!this.#full) return true;
    }
    this.#refused = true;
    return false;
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
    if (this.#waiting.size > 0) this.#drain?.reject(this.#closedBy);
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#finish = undefined;
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
    const chunks = this.#protocol.takeOutput();
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
    if (this.bufferedBytes > 0) return;
    this.#drain?.resolve();
    this.#drain = undefined;
    if (!this.#refused || this.#closedBy !== undefined) return;
    this.#refused = false;
    this.#listener.drained();
  };

  /** Frames what waits, as far as the mark allows, and then what comes after it. */
  #advance(): void {
    for (const [key, message] of this.#waiting) {
      if (this.#unwrittenBytes >= this.#options.limits.highWaterMarkBytes) return;
      this.#forget(key, message);
      this.#protocol.send(message);
      if (this.#unwrittenBytes >= this.#options.limits.highWaterMarkBytes) this.flush();
    }
    this.#protocol.answerPing();
    this.#finish?.();
    this.#finish = undefined;
    this.flush();
  }

  get #unwrittenBytes(): number {
    return this.#protocol.outputBytes + this.#transport.writableLength;
  }

  get #full(): boolean {
    return this.bufferedBytes >= this.#options.limits.highWaterMarkBytes;
  }

  #wait(message: Message): void {
    const key = this.#keyOf(message);
    const replaced = this.#waiting.get(key);
    if (replaced !== undefined) this.#waitingBytes -= heldBytes(replaced);
    if (!this.#admits(key) && replaced === undefined) return;
    // In the place of the one it replaces: else a key that changes often would never be sent.
    this.#waiting.set(key, message);
    this.#waitingBytes += heldBytes(message);
  }

  #keyOf(message: Message): unknown {
    const { slowConsumer } = this.#options;
    const key = typeof slowConsumer === 'object' ? slowConsumer.coalesce(message) : undefined;
    return key ?? Symbol();
  }

  /** Whether a message may wait under `newKey`; makes room, or closes, as the policy says. */
  #admits(newKey: unknown): boolean {
    const { limits, slowConsumer } = this.#options;
    if (slowConsumer === 'drop-oldest' || typeof slowConsumer === 'object') {
      for (const [key, message] of this.#waiting) {
        if (this.bufferedBytes < limits.maxBufferedBytes) break;
        if (key !== newKey) this.#forget(key, message);
      }
    }
    if (this.bufferedBytes < limits.maxBufferedBytes) return true;
    if (slowConsumer === 'close') this.#listener.overflowed();
    return false;
  }

  #forget(key: unknown, message: Message): void {
    this.#waiting.delete(key);
    this.#waitingBytes -= heldBytes(message);
  }
}

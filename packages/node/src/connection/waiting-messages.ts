import { type ClosedError, HELD_OBJECT_BYTES } from '@heddle/core';
import type { Deferred } from '../deferred.ts';
import type { ResolvedOptions, SlowConsumer } from '../options.ts';
import { heldBytes } from './held-bytes.ts';
import { PreparedMessage } from './prepared-message.ts';
import type { Sendable } from './transmitter.ts';

/** What waits for its turn: a message, or the promise that one in fragments may begin. */
export type Waiting =
  | { readonly message: Sendable; readonly compress: boolean }
  | { readonly begun: Deferred<void> };

/** Who is told that there is no room: `overflowed`, where the policy is to close. */
export interface WaitingListener {
  overflowed(): void;
  /** A message was dropped, for want of room, as the policy says. */
  dropped(): void;
}

/** A place in the queue, between its neighbours. */
interface Place {
  waiting: Waiting;
  /** What `coalesce` gave; `undefined` is no key. */
  readonly key: unknown;
  before: Place | undefined;
  after: Place | undefined;
}

/**
 * The messages of a connection that the peer is too slow for, in the order of sending, and what
 * `slowConsumer` makes of them above `maxBufferedBytes`.
 *
 * A linked list, because places are given up at both ends and in between. V8's `Map` keeps its order
 * too, but finding its first entry means passing over all that were deleted: 3 µs for each message
 * dropped, and quadratic time for a hundred thousand.
 */
export class WaitingMessages {
  readonly #policy: SlowConsumer;
  readonly #maxBufferedBytes: number;
  readonly #listener: WaitingListener;
  /** By what `coalesce` gave. */
  #keyed: Map<unknown, Place> | undefined;
  #first: Place | undefined;
  #last: Place | undefined;
  #bytes = 0;
  /** How many of them are in fragments. */
  #begins = 0;

  constructor(
    { limits, slowConsumer }: Pick<ResolvedOptions, 'limits' | 'slowConsumer'>,
    listener: WaitingListener,
  ) {
    this.#policy = slowConsumer;
    this.#maxBufferedBytes = limits.maxBufferedBytes;
    this.#listener = listener;
  }

  /** What they hold, with a fixed overhead for each message. */
  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#first === undefined;
  }

  /**
   * Has a message wait, in place of one with its key if there is one. `aheadBytes` are on their way
   * before what waits, and count. `false` if it was dropped.
   */
  add(message: Sendable, compress: boolean, aheadBytes: number): boolean {
    const key = this.#keyOf(message);
    const waiting = { message, compress };
    const replaced = key === undefined ? undefined : this.#keyed?.get(key);
    if (replaced !== undefined) this.#bytes -= bytesOf(replaced.waiting);
    const room = this.#makeRoom(aheadBytes, replaced);
    // What replaces another takes its place: else a key that changes often would never be sent.
    if (replaced !== undefined) replaced.waiting = waiting;
    else if (room) this.#append(waiting, key);
    else return this.#refuse();
    this.#bytes += bytesOf(waiting);
    return true;
  }

  /**
   * Has a message in fragments wait: what it is made of has not been read. It is never dropped; where
   * those that wait cost as much as messages may, the connection is closed, whatever the policy.
   */
  addBegin(begun: Deferred<void>): void {
    this.#append({ begun }, undefined);
    this.#begins++;
    if (this.#begins * HELD_OBJECT_BYTES > this.#maxBufferedBytes) this.#listener.overflowed();
  }

  /** What has waited longest. */
  take(): Waiting | undefined {
    const first = this.#first;
    if (first !== undefined) this.#remove(first);
    return first?.waiting;
  }

  /** Drops them all, because of `cause`. */
  drop(cause: ClosedError): void {
    for (let waiting = this.take(); waiting !== undefined; waiting = this.take()) {
      if ('begun' in waiting) waiting.begun.reject(cause);
    }
  }

  #keyOf(message: Sendable): unknown {
    if (typeof this.#policy !== 'object') return undefined;
    const plain = message instanceof PreparedMessage ? message.message : message;
    return this.#policy.coalesce(plain) ?? undefined;
  }

  #refuse(): false {
    if (this.#policy === 'close') this.#listener.overflowed();
    else this.#listener.dropped();
    return false;
  }

  /** Whether there is room for one more; drops the oldest, but for `kept`, where that makes some. */
  #makeRoom(aheadBytes: number, kept: Place | undefined): boolean {
    const drops = this.#policy === 'drop-oldest' || typeof this.#policy === 'object';
    let oldest = drops ? this.#first : undefined;
    while (oldest !== undefined && aheadBytes + this.#bytes >= this.#maxBufferedBytes) {
      const { after, waiting } = oldest;
      // What comes in fragments waits for the peer already.
      if (oldest !== kept && 'message' in waiting) {
        this.#remove(oldest);
        this.#listener.dropped();
      }
      oldest = after;
    }
    return aheadBytes + this.#bytes < this.#maxBufferedBytes;
  }

  #append(waiting: Waiting, key: unknown): void {
    const place: Place = { waiting, key, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    if (key === undefined) return;
    this.#keyed ??= new Map();
    this.#keyed.set(key, place);
  }

  #remove({ waiting, key, before, after }: Place): void {
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    if (key !== undefined) this.#keyed?.delete(key);
    this.#bytes -= bytesOf(waiting);
    if ('begun' in waiting) this.#begins--;
  }
}

function bytesOf(waiting: Waiting): number {
  return 'message' in waiting ? heldBytes(waiting.message) : 0;
}

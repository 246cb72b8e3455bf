import { HELD_OBJECT_BYTES, UsageError } from '@heddle/core';
import { Deferred } from './deferred.ts';

/** How much waits for a consumer that has not come yet before the peer is made to wait. */
const MAX_HELD_MESSAGES = 64;
const MAX_HELD_BYTES = 2 ** 20;

/** Who takes messages by listening. */
export interface InboxListener {
  hasListener(): boolean;
  deliver(message: unknown): void;
  /** `readingWanted` may have changed. */
  flowChanged(): void;
}

/**
 * What has arrived and waits for the application. Messages go to listeners at once, or to one
 * iterator as it asks for them; while there is neither they wait, until somebody says that nobody
 * will come. What waits is bounded because reading stops: TCP then holds the peer back.
 */
export class Inbox {
  readonly #listener: InboxListener;
  readonly #maxHeldBytes: number;
  #queue: Held[] = [];
  #head = 0;
  #bytes = 0;
  /** Whether messages wait for a consumer where there is none; else they are dropped. */
  #holding = true;
  #paused = false;
  #iterating = false;
  #ended = false;
  #flushScheduled = false;
  #asked: Deferred<IteratorResult<unknown, undefined>>[] = [];

  constructor(listener: InboxListener, maxMessageBytes: number) {
    this.#listener = listener;
    this.#maxHeldBytes = Math.min(maxMessageBytes, MAX_HELD_BYTES);
  }

  /** Bytes that wait, with a fixed overhead for each message. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether more should be read from the peer. */
  get readingWanted(): boolean {
    if (this.#paused) return false;
    if (this.#iterating) return this.#length === 0;
    return this.#length < MAX_HELD_MESSAGES && this.#bytes < this.#maxHeldBytes;
  }

  take(message: unknown, byteLength: number): void {
    const asked = this.#asked.shift();
    if (asked !== undefined) asked.resolve({ value: message, done: false });
    else if (this.#length > 0 || this.#paused || this.#iterating) this.#hold(message, byteLength);
    else if (this.#listener.hasListener()) this.#listener.deliver(message);
    else if (this.#holding) this.#hold(message, byteLength);
  }

  /** A listener comes. Throws `UsageError` `WS_ALREADY_CONSUMED` if an iterator is at work. */
  listenerAdded(): void {
    if (this.#iterating) throw new UsageError('WS_ALREADY_CONSUMED', 'an iterator takes them');
    this.#scheduleFlush();
  }

  /** Nobody will come who is not here yet: what finds no consumer is dropped from now on. */
  release(): void {
    this.#holding = false;
    this.#scheduleFlush();
  }

  pause(): void {
    this.#paused = true;
    this.#listener.flowChanged();
  }

  resume(): void {
    this.#paused = false;
    this.release();
    this.#listener.flowChanged();
  }

  /** No message will come any more; what waits can still be taken. */
  end(): void {
    this.#ended = true;
    if (this.#length === 0) this.#endIteration();
  }

  /** Drops what waits. */
  discard(): void {
    this.#queue = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#listener.flowChanged();
  }

  /** Throws `UsageError` `WS_ALREADY_CONSUMED` if there is a listener or another iterator. */
  iterate(): AsyncIterableIterator<unknown, undefined> {
    if (this.#iterating) throw new UsageError('WS_ALREADY_CONSUMED', 'an iterator takes them');
    if (this.#listener.hasListener()) {
      throw new UsageError('WS_ALREADY_CONSUMED', 'a listener takes them');
    }
    this.#iterating = true;
    const iterator: AsyncIterableIterator<unknown, undefined> = {
      next: () => this.#next(),
      return: async () => {
        // The loop was left: what comes waits for the next consumer.
        this.#holding = true;
        this.#endIteration();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  get #length(): number {
    return this.#queue.length - this.#head;
  }

  async #next(): Promise<IteratorResult<unknown, undefined>> {
    const held = this.#iterating ? this.#shift() : undefined;
    if (held !== undefined) {
      this.#listener.flowChanged();
      return { value: held.message, done: false };
    }
    if (this.#ended) this.#endIteration();
    if (!this.#iterating) return { value: undefined, done: true };
    const asked = new Deferred<IteratorResult<unknown, undefined>>();
    this.#asked.push(asked);
    return asked.promise;
  }

  #endIteration(): void {
    this.#iterating = false;
    for (const asked of this.#asked.splice(0)) asked.resolve({ value: undefined, done: true });
  }

  #hold(message: unknown, byteLength: number): void {
    const bytes = byteLength + HELD_OBJECT_BYTES;
    this.#queue.push({ message, bytes });
    this.#bytes += bytes;
  }

  #shift(): Held | undefined {
    const held = this.#queue[this.#head];
    if (held === undefined) return undefined;
    this.#bytes -= held.bytes;
    this.#head++;
    if (this.#length === 0) {
      this.#queue = [];
      this.#head = 0;
    }
    return held;
  }

  /** Not at once: whoever adds a listener has not finished setting up. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#paused && !this.#iterating && this.#length > 0) {
      const listened = this.#listener.hasListener();
      if (!listened && this.#holding) break;
      const held = this.#shift();
      if (listened && held !== undefined) this.#listener.deliver(held.message);
    }
    this.#listener.flowChanged();
  }
}

interface Held {
  readonly message: unknown;
  readonly bytes: number;
}

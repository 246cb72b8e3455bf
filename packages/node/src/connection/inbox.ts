import { type Message, UsageError } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { heldBytes } from './held-bytes.ts';
import type { InboxSource } from './inbox-source.ts';
import { Incoming } from './incoming.ts';
import type { StreamedMessage } from './streamed-message.ts';

/** How much waits for a consumer that has not come yet before the peer is made to wait. */
const MAX_HELD_MESSAGES = 64;
const MAX_HELD_BYTES = 2 ** 20;
/** How much of a streamed message waits for its reader. */
const MAX_STREAMED_BYTES = 2 ** 18;

/** Who takes messages by listening, and what messages are to the application. */
export interface InboxListener {
  hasListener(): boolean;
  /** Hands a message to the listeners. */
  deliver(message: Message): void;
  /** What an iterator gets for a message; `undefined` if it is refused, which has been seen to. */
  open(message: Message): IteratorYieldResult<unknown> | undefined;
}

type Iteration = AsyncIterableIterator<unknown, undefined>;
type Step = IteratorResult<unknown, undefined>;

/**
 * What has arrived and waits for the application. Messages go to listeners at once, or to one
 * iterator as it asks for them; while there is neither they wait, until somebody says that nobody
 * will come. What waits is bounded because reading stops: TCP then holds the peer back.
 *
 * They wait as they came: what a schema makes of a message may weigh many times its text.
 */
export class Inbox {
  readonly #source: InboxSource;
  readonly #listener: InboxListener;
  readonly #maxHeldBytes: number;
  /** From so much of a message on, more of it waits for somebody who takes it. */
  readonly #maxArrivingBytes: number;
  #queue: Message[] = [];
  #head = 0;
  #bytes = 0;
  /** Whether messages wait for a consumer where there is none; else they are dropped. */
  #holding = true;
  #paused = false;
  #ended = false;
  /** The iterator at work, and its calls of `next` that wait for a message. */
  #iteration: Iteration | undefined;
  /** What makes streams of messages, from the first call of `incoming` on. */
  #incoming: Incoming | undefined;
  #asked: Deferred<Step>[] = [];
  #flushScheduled = false;

  constructor(
    source: InboxSource,
    listener: InboxListener,
    limits: Pick<ResolvedOptions['limits'], 'maxMessageBytes' | 'maxRetainedBytes'>,
  ) {
    this.#source = source;
    this.#listener = listener;
    // What is set aside for a message that grows may be twice what has come, and a read comes on top.
    this.#maxArrivingBytes = Math.min(limits.maxRetainedBytes / 4, MAX_HELD_BYTES);
    this.#maxHeldBytes = Math.min(limits.maxMessageBytes, this.#maxArrivingBytes);
  }

  /** Bytes that wait, with a fixed overhead for each message. */
  get bytes(): number {
    return this.#bytes + (this.#incoming?.bytes ?? 0);
  }

  /** Whether more should be read from the peer. */
  get readingWanted(): boolean {
    if (this.#paused) return false;
    if (this.#incoming?.readingWanted === false) return false;
    if (this.#isIterated()) return this.#count() === 0;
    if (this.#isFull()) return false;
    // Who comes may want a large message as a stream.
    const unclaimed = this.#holding && !this.#listener.hasListener();
    return !unclaimed || this.#source.retainedBytes < this.#maxArrivingBytes;
  }

  take(message: Message): void {
    if (this.#count() > 0 || this.#paused) this.#hold(message);
    else if (this.#asked.length > 0) this.#answer(message);
    else if (this.#isIterated()) this.#hold(message);
    else if (this.#listener.hasListener()) this.#listener.deliver(message);
    else if (this.#holding) this.#hold(message);
  }

  messageStart(text: boolean): void {
    this.#incoming?.messageStart(text);
  }

  messagePiece(piece: Uint8Array): void {
    this.#incoming?.messagePiece(piece as Buffer);
  }

  messageEnd(): void {
    this.#incoming?.messageEnd();
  }

  /** Calls `streamed` when the message has come whole that is being streamed; at once if there is none. */
  whenStreamed(streamed: () => void): void {
    if (this.#incoming === undefined) streamed();
    else this.#incoming.whenStreamed(streamed);
  }

  /** A listener comes. Throws `UsageError` `WS_ALREADY_CONSUMED` if an iterator is at work. */
  listenerAdded(): void {
    this.#assertNoIteration();
    this.#scheduleFlush();
  }

  /** Nobody will come who is not here yet: what finds no consumer is dropped from now on. */
  release(): void {
    this.#holding = false;
    this.#scheduleFlush();
  }

  pause(): void {
    this.#paused = true;
    this.#source.applyFlow();
  }

  resume(): void {
    this.#paused = false;
    this.release();
    this.#source.applyFlow();
  }

  /** No message will come any more, because of `cause`; what waits can still be taken. */
  end(cause: unknown): void {
    this.#ended = true;
    this.#incoming?.end(cause);
    this.#answerAsked();
    if (this.#count() === 0) this.#endIteration();
  }

  /** Drops what waits, because of `cause`, if there is one. */
  discard(cause?: unknown): void {
    this.#queue = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#incoming?.discard(cause);
    this.#source.applyFlow();
  }

  /** Throws `UsageError` `WS_ALREADY_CONSUMED` if there is a listener or another iterator. */
  iterate(): Iteration {
    this.#assertNoConsumer();
    const iteration: Iteration = {
      next: async () => await this.#next(iteration),
      return: async () => {
        this.#leave(iteration);
        return DONE;
      },
      [Symbol.asyncIterator]: () => iteration,
    };
    this.#iteration = iteration;
    this.#source.applyFlow();
    return iteration;
  }

  /** Throws `UsageError` `WS_ALREADY_CONSUMED` as `iterate` does. */
  incoming(): AsyncIterableIterator<StreamedMessage, undefined> {
    this.#assertNoConsumer();
    this.#incoming ??= this.#createIncoming();
    const iteration = this.#incoming.iterate();
    this.#source.applyFlow();
    return iteration;
  }

  /** Whether messages are taken as somebody asks for them. */
  #isIterated(): boolean {
    return this.#iteration !== undefined || this.#incoming?.active === true;
  }

  #isFull(): boolean {
    return this.#count() >= MAX_HELD_MESSAGES || this.#bytes >= this.#maxHeldBytes;
  }

  #count(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether an iterator gets nothing. What had come before the end may be taken, paused or not. */
  #isWithheld(): boolean {
    return this.#paused && !this.#ended;
  }

  #next(iteration: Iteration): Step | Promise<Step> {
    while (this.#iteration === iteration && this.#count() > 0 && !this.#isWithheld()) {
      const step = this.#listener.open(this.#shift());
      this.#source.applyFlow();
      if (step !== undefined) return step;
    }
    if (this.#ended && this.#count() === 0) this.#endIteration();
    if (this.#iteration !== iteration) return DONE;
    const asked = new Deferred<Step>();
    this.#asked.push(asked);
    return asked.promise;
  }

  /** The loop was left: what comes waits for the next consumer. */
  #leave(iteration: Iteration): void {
    if (this.#iteration !== iteration) return;
    this.#holding = true;
    this.#endIteration();
    this.#source.applyFlow();
  }

  #endIteration(): void {
    this.#iteration = undefined;
    for (const asked of this.#asked.splice(0)) asked.resolve(DONE);
  }

  /** Gives the iterator what it has asked for before there was something, or while paused. */
  #answerAsked(): void {
    while (this.#asked.length > 0 && this.#count() > 0 && !this.#isWithheld()) {
      this.#answer(this.#shift());
    }
  }

  #answer(message: Message): void {
    const step = this.#listener.open(message);
    if (step !== undefined) this.#asked.shift()?.resolve(step);
  }

  #hold(message: Message): void {
    this.#queue.push(message);
    this.#bytes += heldBytes(message);
    // One read may bring thousands of small ones, which weigh twenty times what they do on the wire, or any
    // number where they are compressed.
    if (this.#isFull()) this.#source.hold();
  }

  /** The message that has waited longest, where one waits. */
  #shift(): Message {
    const message = this.#queue[this.#head] ?? '';
    this.#bytes -= heldBytes(message);
    this.#queue[this.#head++] = '';
    if (this.#count() === 0) {
      this.#queue = [];
      this.#head = 0;
    }
    return message;
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
    this.#answerAsked();
    this.#incoming?.answer();
    while (!this.#paused && !this.#isIterated() && this.#count() > 0) {
      const listened = this.#listener.hasListener();
      if (!listened && this.#holding) break;
      const message = this.#shift();
      if (listened) this.#listener.deliver(message);
    }
    this.#source.applyFlow();
  }

  #createIncoming(): Incoming {
    const incoming = new Incoming(
      this.#source,
      {
        withheld: () => this.#isWithheld(),
        takeHeld: () => (this.#count() > 0 ? this.#shift() : undefined),
        left: () => {
          this.#holding = true;
        },
      },
      Math.min(this.#maxArrivingBytes, MAX_STREAMED_BYTES),
    );
    if (this.#ended) incoming.end(undefined);
    return incoming;
  }

  #assertNoConsumer(): void {
    this.#assertNoIteration();
    if (!this.#listener.hasListener()) return;
    throw new UsageError('WS_ALREADY_CONSUMED', 'a listener takes them');
  }

  #assertNoIteration(): void {
    if (!this.#isIterated()) return;
    throw new UsageError('WS_ALREADY_CONSUMED', 'an iterator takes them');
  }
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

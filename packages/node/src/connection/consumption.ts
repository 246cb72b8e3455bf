import { inspect } from 'node:util';
import { UsageError } from '@heddle/core';
import type { Connection } from './connection.ts';

export interface ConsumeOptions {
  /**
   * How many messages are worked on at once, 1 to 65,536. Reading stops while so many are.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * Whether replies leave in the order of the messages, or each when it is ready.
   * @default true
   */
  readonly ordered?: boolean;
  /** Takes no more messages once it aborts: they wait for the next consumer. */
  readonly signal?: AbortSignal;
}

/** Throws `UsageError` `WS_INVALID_OPTION`. */
export function assertConsumeOptions({ concurrency, ordered, signal }: ConsumeOptions): void {
  if (concurrency !== undefined && !isConcurrency(concurrency)) {
    throw invalid('concurrency', 'a whole number from 1 to 65536', concurrency);
  }
  if (ordered !== undefined && typeof ordered !== 'boolean') {
    throw invalid('ordered', 'a boolean', ordered);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid('signal', 'an AbortSignal', signal);
  }
}

/**
 * Messages that are worked on several at a time. A message has its place until its reply is with the
 * peer's connection, so that what waits, on either side of the handler, is bounded by the places.
 */
export class Consumption<In, Out> {
  readonly #socket: Connection<In, Out>;
  readonly #handler: (message: In) => unknown;
  readonly #failed: (error: unknown) => void;
  readonly #concurrency: number;
  readonly #ordered: boolean;
  readonly #running = new Set<Promise<void>>();
  /** The message before the next one, until its reply is sent. Never rejects. */
  #previous: Promise<void> = Promise.resolve();
  #broken = false;

  /** `failed` is told what the handler throws or rejects with. */
  constructor(
    socket: Connection<In, Out>,
    handler: (message: In) => unknown,
    { concurrency = 1, ordered = true }: ConsumeOptions,
    failed: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#handler = handler;
    this.#failed = failed;
    this.#concurrency = concurrency;
    this.#ordered = ordered;
  }

  /** Takes `messages` until they end, or `signal` aborts; resolves when every handler has settled. */
  async run(
    messages: AsyncIterableIterator<In, undefined>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const leave = (): void => {
      void messages.return?.();
    };
    if (signal?.aborted) leave();
    signal?.addEventListener('abort', leave, { once: true });
    for await (const message of messages) {
      this.#begin(message);
      while (this.#running.size >= this.#concurrency) await Promise.race(this.#running);
    }
    signal?.removeEventListener('abort', leave);
    await Promise.all(this.#running);
  }

  #begin(message: In): void {
    const work = this.#work(message, this.#previous).finally(() => this.#running.delete(work));
    this.#running.add(work);
    this.#previous = work;
  }

  async #work(message: In, previous: Promise<void>): Promise<void> {
    try {
      const reply = await this.#handler(message);
      if (this.#ordered) await previous;
      if (reply !== undefined) await this.#reply(reply as Out);
    } catch (error) {
      this.#broken = true;
      this.#failed(error);
    }
  }

  async #reply(reply: Out): Promise<void> {
    if (this.#broken || this.#socket.state !== 'open' || this.#socket.send(reply)) return;
    // A peer that leaves meanwhile is no mistake of the handler's.
    await this.#socket.drained().catch(() => {});
  }
}

function isConcurrency(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_536;
}

function invalid(name: string, range: string, value: unknown): UsageError {
  return new UsageError('WS_INVALID_OPTION', `${name} must be ${range}, not ${inspect(value)}`);
}

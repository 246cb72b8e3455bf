import { callApplication } from '../application-call.ts';
import { Deferred } from '../deferred.ts';
import { invalidOption } from '../invalid-option.ts';
import type { Connection } from './connection.ts';

/** How messages are handled beside each other. */
export interface ConsumeOptions {
  /**
   * How many messages are taken at once, 1 to 65,536.
   * @default 1
   */
  readonly concurrency?: number | undefined;
  /**
   * Whether replies are sent in the order of the messages, and not as handlers finish.
   * @default true
   */
  readonly ordered?: boolean | undefined;
  /** Ends the taking of messages. What was taken is finished, what comes waits for a next consumer. */
  readonly signal?: AbortSignal | undefined;
}

/** What a handler says; `undefined` is no reply. */
// biome-ignore lint/suspicious/noConfusingVoidType: the type of a handler that returns nothing.
export type Reply<Out> = Out | undefined | void;

/** What answers a message: what it returns or resolves with is sent. */
export type MessageHandler<In, Out> = (message: In) => Reply<Out> | PromiseLike<Reply<Out>>;

const MAX_CONCURRENCY = 65_536;

/**
 * Has each message handled, up to `concurrency` of them at once, and sends what the handlers return.
 *
 * A message has its place until its reply is sent, and none is taken while the peer leaves replies
 * unread (`drained()`), so no more than `concurrency` messages wait here; then TCP holds the peer
 * back. A reply that comes after the end of the connection is dropped.
 *
 * `failed` gets what a handler throws or rejects with, and what `send` throws for its reply; it closes
 * the connection and must not throw. From then on no message is taken and no reply is sent.
 *
 * Resolves when no more messages come and every handler has settled; never rejects. Throws
 * `UsageError`: `WS_INVALID_OPTION`, `WS_ALREADY_CONSUMED` if a listener or an iterator takes the
 * messages.
 */
export function consume<In, Out>(
  socket: Connection<In, Out>,
  handler: MessageHandler<In, Out>,
  options: ConsumeOptions,
  failed: (error: unknown) => void,
): Promise<void> {
  const resolved = resolve(options);
  if (typeof handler !== 'function') throw invalidOption('handler', 'a function', handler);
  return new Consumption(socket, handler, resolved, failed).run();
}

type ResolvedOptions = Pick<ConsumeOptions, 'signal'> &
  Required<{ [K in 'concurrency' | 'ordered']: Exclude<ConsumeOptions[K], undefined> }>;

class Consumption<In, Out> {
  readonly #socket: Connection<In, Out>;
  readonly #messages: AsyncIterableIterator<In, undefined>;
  readonly #handler: MessageHandler<In, Out>;
  readonly #options: ResolvedOptions;
  readonly #reportFailure: (error: unknown) => void;
  /** Messages that have been taken, and whose reply has not been sent. */
  #taken = 0;
  #draining = false;
  #failed = false;
  /** Settles when the last reply of those that may be sent is. */
  #replies: Promise<void> = Promise.resolve();
  /** Somebody waits for one of the above to change. */
  #change: Deferred<void> | undefined;

  constructor(
    socket: Connection<In, Out>,
    handler: MessageHandler<In, Out>,
    options: ResolvedOptions,
    failed: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#messages = socket[Symbol.asyncIterator]();
    this.#handler = handler;
    this.#options = options;
    this.#reportFailure = failed;
  }

  async run(): Promise<void> {
    const { signal, concurrency } = this.#options;
    signal?.addEventListener('abort', this.#leave, { once: true });
    if (signal?.aborted) this.#leave();
    for (;;) {
      // No place becomes free while a reply waits for the peer: the others wait behind it.
      await this.#until(() => this.#taken < concurrency);
      // Once the iterator is left, this is done; what it gave before is ours to handle.
      const step = await this.#messages.next();
      if (step.done) break;
      // A reply may have met a full kernel since this message was asked for.
      await this.#until(() => !this.#draining);
      this.#take(step.value);
    }
    signal?.removeEventListener('abort', this.#leave);
    await this.#until(() => this.#taken === 0);
  }

  #take(message: In): void {
    this.#taken++;
    const handled = this.#handle(message);
    const reply = async (): Promise<void> => {
      await this.#reply(await handled);
      this.#taken--;
      this.#changed();
    };
    // Replies go one after the other in either case: each waits for the room that it needs.
    const enqueue = (): void => {
      this.#replies = this.#replies.then(reply);
    };
    if (this.#options.ordered) enqueue();
    else void handled.then(enqueue);
  }

  async #handle(message: In): Promise<Reply<Out>> {
    let result: Reply<Out>;
    const call = async () => {
      result = await this.#handler(message);
    };
    await callApplication(call, this.#fail);
    return result;
  }

  async #reply(reply: Reply<Out>): Promise<void> {
    if (reply === undefined) return;
    // That a peer, or the application, closes while a handler is at work is no mistake.
    if (this.#failed || this.#socket.state !== 'open') return;
    let sent = true;
    await callApplication(() => {
      sent = this.#socket.send(reply);
    }, this.#fail);
    if (sent) return;
    this.#draining = true;
    await this.#socket.drained().catch(() => {});
    this.#draining = false;
    this.#changed();
  }

  readonly #leave = (): void => {
    void this.#messages.return?.();
  };

  readonly #fail = (error: unknown): void => {
    this.#failed = true;
    this.#leave();
    this.#reportFailure(error);
  };

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      this.#change ??= new Deferred();
      await this.#change.promise;
    }
  }

  #changed(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }
}

function resolve({ concurrency = 1, ordered = true, signal }: ConsumeOptions): ResolvedOptions {
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw invalidOption('concurrency', `a whole number from 1 to ${MAX_CONCURRENCY}`, concurrency);
  }
  if (typeof ordered !== 'boolean') throw invalidOption('ordered', 'a boolean', ordered);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidOption('signal', 'an AbortSignal', signal);
  }
  return { concurrency, ordered, signal };
}

import { type ConnectionViolationCode, ProtocolError } from '@heddle/core';
import type { ResolvedOptions } from '../options.ts';
import { TokenBucket } from './token-bucket.ts';

/** The limits of a peer's rate. */
export type RateLimitName = 'messagesPerSecond' | 'bytesPerSecond';

export interface RateListener {
  /** The peer is too fast: nothing more is to be read for now. */
  throttled(limit: RateLimitName): void;
  /** It may be read again. */
  applyFlow(): void;
  /** The peer is too fast, and its connection is to end. */
  failConnection(error: ProtocolError): void;
}

/**
 * How fast a peer may send: a second's worth at once, and then as it comes in. Who sends more is read no further
 * until the next is due, so that TCP holds him back, or is closed, as `fastProducer` says.
 */
export class RateLimit {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #closes: boolean;
  readonly #listener: RateListener;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ limits, fastProducer }: ResolvedOptions, listener: RateListener) {
    const { messagesPerSecond, bytesPerSecond, maxMessageBytes } = limits;
    this.#messages = new TokenBucket(messagesPerSecond, messagesPerSecond);
    // A message that is allowed must not be too fast by itself.
    this.#bytes = new TokenBucket(bytesPerSecond, Math.max(bytesPerSecond, maxMessageBytes));
    this.#closes = fastProducer === 'close';
    this.#listener = listener;
  }

  /** `undefined` where the options limit no rate. */
  static of(options: ResolvedOptions, listener: RateListener): RateLimit | undefined {
    const { messagesPerSecond, bytesPerSecond } = options.limits;
    const limited = Number.isFinite(messagesPerSecond) || Number.isFinite(bytesPerSecond);
    return limited ? new RateLimit(options, listener) : undefined;
  }

  /** Whether nothing more is to be read for now. */
  get throttled(): boolean {
    return this.#timer !== undefined;
  }

  /** A message, a ping or a pong has come. `false` if it must not be passed on: the connection ends by it. */
  message(): boolean {
    this.#messages.take(1);
    if (this.#closes) return this.#allows(this.#messages, 'WS_MESSAGE_RATE');
    // Before the next one, and not behind it: one read may bring thousands.
    this.#throttle(this.#messages.msUntil(1), 'messagesPerSecond');
    return true;
  }

  /** So many bytes have been read. */
  read(byteLength: number): void {
    this.#bytes.take(byteLength);
    if (this.#closes) this.#allows(this.#bytes, 'WS_BYTE_RATE');
    else this.#throttle(this.#bytes.msUntil(0), 'bytesPerSecond');
  }

  /** The connection has ended. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #allows(bucket: TokenBucket, code: ConnectionViolationCode): boolean {
    if (bucket.msUntil(0) === 0) return true;
    this.#listener.failConnection(new ProtocolError(code));
    return false;
  }

  #throttle(waitMs: number, limit: RateLimitName): void {
    if (waitMs === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#slowedDown(), waitMs).unref();
    this.#listener.throttled(limit);
  }

  #slowedDown(): void {
    this.#timer = undefined;
    // The other one may be still to come.
    this.#throttle(this.#bytes.msUntil(0), 'bytesPerSecond');
    if (this.#timer === undefined) this.#throttle(this.#messages.msUntil(1), 'messagesPerSecond');
    if (this.#timer === undefined) this.#listener.applyFlow();
  }
}

/** How fast something may happen. */
export interface Rate {
  /** How many may happen at once after a pause. */
  readonly burst: number;
  /** How many more may happen each second. */
  readonly perSecond: number;
}

/**
 * A token bucket: `burst` tokens at first, `perSecond` more each second, never above `burst`. It
 * reads no clock: whoever takes a token says what time it is, in milliseconds that never go back.
 */
export class RateLimit {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /**
   * Takes a token. Returns 0, or, if there was none to take, after how many milliseconds (at least
   * one) there will be. A refused attempt costs nothing.
   */
  take(now: number): number {
    const { burst, perSecond } = this.#rate;
    const elapsedMs = now - this.#filledAt;
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perSecond) / 1_000);
    this.#filledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / perSecond));
  }
}

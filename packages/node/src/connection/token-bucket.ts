/** Tokens that come in evenly, up to as many as fit; what is taken beyond them is owed. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAt = performance.now();

  /** With `perSecond` of `Infinity` there are always enough. */
  constructor(perSecond: number, capacity: number) {
    this.#perMs = perSecond / 1_000;
    this.#capacity = capacity;
    this.#tokens = capacity;
  }

  take(count: number): void {
    this.#fill();
    this.#tokens -= count;
  }

  /** In how many milliseconds, a whole number, there are `count` tokens; 0 if there are. */
  msUntil(count: number): number {
    this.#fill();
    return this.#tokens >= count ? 0 : Math.ceil((count - this.#tokens) / this.#perMs);
  }

  #fill(): void {
    const now = performance.now();
    // Of two moments that are the same not even Infinity makes a number.
    const gained = now > this.#filledAt ? (now - this.#filledAt) * this.#perMs : 0;
    this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
    this.#filledAt = now;
  }
}

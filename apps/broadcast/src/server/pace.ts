import { setTimeout as sleep } from 'node:timers/promises';

/** How many may happen at once after a pause. */
const BURST = 50;
const PER_SECOND = 25;

/**
 * Slows down what everybody else hears of: whoever is faster than this is not refused, but read more
 * slowly. No page of ours is, unless somebody drops a thousand small files.
 */
export class Pace {
  #tokens = BURST;
  #filledAt = performance.now();

  /** Resolves when it is time. One call at a time. */
  async keep(): Promise<void> {
    const now = performance.now();
    const filled = this.#tokens + ((now - this.#filledAt) * PER_SECOND) / 1_000;
    this.#tokens = Math.min(BURST, filled) - 1;
    this.#filledAt = now;
    if (this.#tokens < 0) await sleep((-this.#tokens * 1_000) / PER_SECOND);
  }
}

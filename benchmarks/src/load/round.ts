/** What the generator counted in one round. */
export interface Round {
  readonly messages: number;
  readonly seconds: number;
  /** Round trips of one batch of messages, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Counts messages and the times they took, until the time is over. */
export class Tally {
  readonly #began = performance.now();
  readonly #untilMs: number;
  readonly #tripsMs: number[] = [];
  #messages = 0;

  constructor(durationMs: number) {
    this.#untilMs = this.#began + durationMs;
  }

  /** Counts a batch that was sent at `sentAtMs` and has come back. Returns whether there is time for another. */
  add(messages: number, sentAtMs: number, nowMs: number): boolean {
    this.#messages += messages;
    this.#tripsMs.push(nowMs - sentAtMs);
    return nowMs < this.#untilMs;
  }

  round(): Round {
    const seconds = (performance.now() - this.#began) / 1_000;
    const sorted = Float64Array.from(this.#tripsMs).sort();
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { messages: this.#messages, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
  }
}

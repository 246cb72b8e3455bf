/**
 * Ctrl-C in a program that npm or pnpm runs arrives twice: from the terminal, and passed on. Nobody
 * presses it twice so fast.
 */
const SAME_PRESS_MS = 250;

/** Ctrl-C and SIGTERM: the first asks for an end, the second insists on one. */
export class Interruption {
  readonly #asked = new AbortController();
  readonly #insisted = new AbortController();
  #askedAt = 0;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, this.#received);
  }

  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  get insisted(): AbortSignal {
    return this.#insisted.signal;
  }

  readonly #received = (): void => {
    if (!this.asked.aborted) {
      this.#askedAt = performance.now();
      this.#asked.abort();
    } else if (performance.now() - this.#askedAt > SAME_PRESS_MS) {
      this.#insisted.abort();
    }
  };
}

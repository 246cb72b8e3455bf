/** How often connections are closed, in milliseconds. */
const STEP_MS = 50;

/** Calls `close` for each of many connections, evenly over a time, so that their peers do not come back all at once. */
export class GradualClose<Connection> {
  readonly #left: Connection[];
  readonly #close: (connection: Connection) => void;
  readonly #startedAt = performance.now();
  readonly #spreadMs: number;
  readonly #total: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    connections: Iterable<Connection>,
    spreadMs: number,
    close: (connection: Connection) => void,
  ) {
    // Taken from its end: so who opened first, and is closed first, comes last.
    this.#left = [...connections].reverse();
    this.#total = this.#left.length;
    this.#spreadMs = spreadMs;
    this.#close = close;
    this.#step();
  }

  /** Closes no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#left.length = 0;
  }

  #step(): void {
    const passed = (performance.now() - this.#startedAt) / this.#spreadMs;
    const due = passed < 1 ? Math.ceil(this.#total * (1 - passed)) : 0;
    while (this.#left.length > due) {
      const connection = this.#left.pop();
      if (connection !== undefined) this.#close(connection);
    }
    if (this.#left.length > 0) this.#timer = setTimeout(() => this.#step(), STEP_MS).unref();
  }
}

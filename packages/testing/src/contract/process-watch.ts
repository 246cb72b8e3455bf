/** What must not happen anywhere in the process while the contract runs. */
const EVENTS = ['unhandledRejection', 'uncaughtException', 'warning'] as const;

/**
 * Listens for errors that nobody caught, which would end a server, and for Node's warnings, which
 * tell of leaked listeners.
 */
export class ProcessWatch {
  /** What happened, as `unhandledRejection: Error: …`. */
  readonly incidents: string[] = [];
  readonly #listeners = EVENTS.map((event) => {
    return { event, listener: (what: unknown) => void this.incidents.push(`${event}: ${what}`) };
  });

  start(): void {
    for (const { event, listener } of this.#listeners) process.on(event, listener);
  }

  stop(): void {
    for (const { event, listener } of this.#listeners) process.off(event, listener);
  }

  /** Resolves when what has gone wrong by now has been heard of: rejections wait for a turn. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

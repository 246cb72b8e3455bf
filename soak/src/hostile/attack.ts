/** The server under attack, always on 127.0.0.1: one that `server.ts` has started. */
export interface Target {
  readonly port: number;
}

/** What a hostile peer does, from its first byte to the end of all its connections. */
export interface Attack {
  /** In the words of the list of hostile peers: unique, and the title of its test. */
  readonly name: string;
  /**
   * Plays it once, in a few seconds at most. Rejects when the server does anything else than it should,
   * and with the reason of `signal` when that aborts. Leaves no socket behind, however it ends.
   */
  play(target: Target, signal: AbortSignal): Promise<void>;
}

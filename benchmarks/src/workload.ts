/** What a load generator does to an echo server. */
export interface Workload {
  readonly name: string;
  /** Payload of one message. */
  readonly bytes: number;
  readonly connections: number;
  /** How many messages a connection has under way at once. */
  readonly depth: number;
  /** How many messages are sent in one round, over all connections. */
  readonly messages: number;
}

/** What one round of a workload gave. */
export interface Round {
  readonly messages: number;
  readonly seconds: number;
  /** Round trip of one batch of `depth` messages, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Enough to see that nothing has gone badly wrong; the real table is a later one. */
export const smokeWorkloads: readonly Workload[] = [
  { name: 'echo 16 B, 100 × 32', bytes: 16, connections: 100, depth: 32, messages: 320_000 },
  { name: 'echo 1 KiB, 100 × 32', bytes: 1_024, connections: 100, depth: 32, messages: 160_000 },
  { name: 'echo 1 KiB, 1 × 1', bytes: 1_024, connections: 1, depth: 1, messages: 10_000 },
  { name: 'echo 64 KiB, 1 × 1', bytes: 65_536, connections: 1, depth: 1, messages: 3_000 },
];

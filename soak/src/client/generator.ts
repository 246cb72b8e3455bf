import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runClient } from './client.ts';
import { Dice } from './dice.ts';
import { type Latency, Tally, type Totals } from './tally.ts';

export interface Crowd {
  readonly port: number;
  readonly path: string;
  readonly clients: number;
  readonly seed: number;
  /** How long a client waits for anything, in milliseconds. */
  readonly patienceMs: number;
}

/** What the parent wants: each order is answered, in turn. */
export type Order =
  | { readonly begin: Crowd }
  /** Begins to measure latency anew. */
  | { readonly lap: true }
  /** Has all clients leave as they should. */
  | { readonly stop: true };

/** What the clients have seen: since they began, and since the last order. */
export interface Answer {
  readonly totals: Totals;
  readonly latency: Latency;
}

/** What all clients together say in a second: little enough that latency is the server's, not the generator's. */
const MESSAGES_PER_SECOND = 250;

/** How long the clients take to come, for each of them. */
const ARRIVAL_MS = 2;

const tally = new Tally();
const stopping = new AbortController();
setMaxListeners(0, stopping.signal);
let crowd: readonly Promise<void>[] = [];

for (const event of ['uncaughtException', 'unhandledRejection', 'warning'] as const) {
  process.on(event, (what: unknown) => tally.fault('unhandled', `${event}: ${what}`));
}
process.on('message', (order) => void obey(order as Order));
process.on('disconnect', () => process.exit());

async function obey(order: Order): Promise<void> {
  if ('begin' in order) begin(order.begin);
  if ('stop' in order) {
    stopping.abort();
    await Promise.all(crowd);
  }
  const answer: Answer = { totals: tally.totals, latency: tally.takeLatency() };
  process.send?.(answer);
}

function begin({ clients, seed, ...shared }: Crowd): void {
  const pauseMs = Math.round((2_000 * clients) / MESSAGES_PER_SECOND);
  crowd = Array.from({ length: clients }, async (_, index) => {
    const dice = new Dice(seed * 1_000_003 + index);
    await sleep(dice.between(0, clients * ARRIVAL_MS));
    const own = { name: `client ${index}`, dice };
    await runClient({ ...shared, ...own, tally, pauseMs, stop: stopping.signal });
  });
}

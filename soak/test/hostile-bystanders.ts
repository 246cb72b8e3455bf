import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from '../src/client/dice.ts';
import { Line } from '../src/client/line.ts';
import { makePayload } from '../src/client/payload.ts';
import { type Latency, Tally, type Totals } from '../src/client/tally.ts';

/** What the bystanders answer to each message of their parent: since they began, and since the last one. */
export interface BystandersAnswer {
  readonly totals: Totals;
  readonly latency: Latency;
  /** The same at the server that nobody attacks: what the machine, and this process, do to latency. */
  readonly elsewhere: Latency;
}

/**
 * Well-behaved clients in a process of their own, so that the attackers do not disturb them: as many as the
 * first argument says, on the port of the second, and as many on that of the third, where nobody attacks.
 * They stay, and each has its messages echoed and verified.
 */
const [count, port, portElsewhere] = process.argv.slice(2).map(Number) as [number, number, number];
const PAUSE_MS = 40;
const PATIENCE_MS = 20_000;

const here = new Tally();
const elsewhere = new Tally();
const { signal: stop } = new AbortController();

async function bystand(place: { port: number; tally: Tally }, index: number): Promise<void> {
  const dice = new Dice(index);
  const shared = { path: '/echo', pauseMs: PAUSE_MS, patienceMs: PATIENCE_MS, stop };
  const line = await Line.open({ ...place, ...shared, name: `bystander ${index}`, dice });
  void talk(line, dice);
}

async function talk(line: Line, dice: Dice): Promise<void> {
  for (let sequence = 0; line.open; sequence++) {
    line.send(makePayload(dice, sequence));
    await sleep(dice.between(1, PAUSE_MS));
  }
}

function answer(): void {
  const seen: BystandersAnswer = {
    totals: here.totals,
    latency: here.takeLatency(),
    elsewhere: elsewhere.takeLatency(),
  };
  process.send?.(seen);
}

process.on('disconnect', () => process.exit());
for (let index = 0; index < count; index++) {
  await bystand({ port, tally: here }, index);
  await bystand({ port: portElsewhere, tally: elsewhere }, index);
}
process.on('message', answer);
// They are all there.
answer();

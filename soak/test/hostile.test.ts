import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Latency } from '../src/client/tally.ts';
import { attacks } from '../src/hostile/index.ts';
import { ServerProcess } from '../src/server-process.ts';
import type { BystandersAnswer } from './hostile-bystanders.ts';

const BYSTANDERS = 20;
const PEERS = 3;

/** How long latency is measured before each attack, and at least during it. */
const QUIET_MS = 100;
const MAX_QUIET_LAPS = 50;
/** How long an echo may take from one process to the other, once the server has sent it. */
const ECHO_MS = 50;
/** How long an attack may take, and how long the server may then need to have forgotten it. */
const PLAY_MS = 25_000;
const GONE_MS = 8_000;

/**
 * Latency is compared with what it was just before, and with what it is at the same time at a server that nobody
 * attacks, as the machine may be busy with other things. What is looked for is a server that stands still.
 */
const LATENCY_FACTOR = 10;
const LATENCY_FLOOR_MS = 50;
/** A server that stands still does so each time. */
const ATTEMPTS = 3;

let server: ServerProcess;
let elsewhere: ServerProcess;
let bystanders: ChildProcess;

beforeAll(async () => {
  [server, elsewhere] = await Promise.all([ServerProcess.start(), ServerProcess.start()]);
  const program = fileURLToPath(new URL('hostile-bystanders.ts', import.meta.url));
  const places = [BYSTANDERS, server.port, elsewhere.port];
  bystanders = fork(program, places.map(String), {
    execArgv: ['--conditions=@heddle/source'],
  });
  await once(bystanders, 'message');
  // Code that has never run is slow.
  await sleep(1_000);
});

afterAll(async () => {
  const exited = once(bystanders, 'exit');
  bystanders.disconnect();
  await exited;
  await Promise.all([server.stop(), elsewhere.stop()]);
});

describe('A server that serves others goes on as before, beside', { timeout: 90_000 }, () => {
  it.each(attacks)('$name', async (attack) => {
    await expectNormalBeside(async (signal) => {
      await Promise.all(Array.from({ length: PEERS }, () => attack.play(server, signal)));
    });
  });
});

/** Looks at the bystanders before and during an attack, and at what it leaves behind. */
async function expectNormalBeside(play: Play): Promise<void> {
  let seen = await playBeside(play);
  for (let attempt = 1; attempt < ATTEMPTS && seen.latencyMs >= seen.mostMs; attempt++) {
    seen = await playBeside(play);
  }
  expect(seen.latencyMs).toBeLessThan(seen.mostMs);
}

type Play = (signal: AbortSignal) => Promise<unknown>;

/** Plays an attack, which must hurt nobody, and returns what latency was meanwhile, and what it may be at most. */
async function playBeside(play: Play): Promise<{ latencyMs: number; mostMs: number }> {
  const quiet = await quietLap();
  await Promise.all([play(AbortSignal.timeout(PLAY_MS)), sleep(QUIET_MS)]);
  // It answers behind whatever holds it up, and the echoes that were held up with it come now.
  await server.stats();
  await sleep(ECHO_MS);
  const { elsewhere: atOnce, latency, totals } = await lap();
  expect(latency.messages).toBeGreaterThan(0);
  expect(totals).toMatchObject({
    lost: 0,
    corrupted: 0,
    repeated: 0,
    wrongCloses: 0,
    failures: [],
  });
  await expectNothingLeft();
  return { latencyMs: latency.p50Ms, mostMs: mostFor(quiet, atOnce) };
}

/** Latency as it is before an attack, once nothing is left of the one before. */
async function quietLap(): Promise<Latency> {
  await lap();
  for (let laps = 0; laps < MAX_QUIET_LAPS; laps++) {
    await sleep(QUIET_MS);
    const { elsewhere: atOnce, latency } = await lap();
    if (latency.messages > 0 && latency.p50Ms < mostFor(atOnce)) return latency;
  }
  throw new Error('The server did not come to rest');
}

function mostFor(...normal: readonly Latency[]): number {
  return LATENCY_FACTOR * Math.max(...normal.map(({ p50Ms }) => p50Ms)) + LATENCY_FLOOR_MS;
}

async function expectNothingLeft(): Promise<void> {
  expect(await settledStats()).toMatchObject({
    connections: BYSTANDERS,
    // Besides them, the one that asks.
    tcpConnections: BYSTANDERS + 1,
    echo: { pendingUpgrades: 0 },
    routed: { pendingUpgrades: 0 },
    uncaughtExceptions: 0,
    unhandledRejections: 0,
    warnings: 0,
    troubles: [],
  });
}

async function lap(): Promise<BystandersAnswer> {
  const answered = once(bystanders, 'message');
  bystanders.send('lap');
  const [answer] = await answered;
  return answer as BystandersAnswer;
}

/** What the server says once only the bystanders are left, or too late. */
async function settledStats() {
  const deadline = performance.now() + GONE_MS;
  for (;;) {
    const stats = await server.stats();
    const settled = stats.tcpConnections <= BYSTANDERS + 1 && stats.connections <= BYSTANDERS;
    if (settled || performance.now() > deadline) return stats;
    await sleep(20);
  }
}

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Attackers, type AttackPace } from './client/attackers.ts';
import { GeneratorProcess } from './client/generator-process.ts';
import type { Attack, Target } from './hostile/index.ts';
import { liveBytes, type SoakReport } from './report.ts';
import { ServerProcess } from './server-process.ts';
import type { ServerStats } from './server-stats.ts';

/** The server, as far as this has to know it. */
export interface SoakedServer extends Target {
  readonly pid: number | undefined;
  stats(options?: { collect?: boolean }): Promise<ServerStats>;
  stop(): Promise<void>;
}

export interface SoakOptions {
  /** How long all of it takes, but for the last to leave. */
  readonly seconds: number;
  readonly clients: number;
  readonly seed: number;
  readonly attacks: readonly Attack[];
  readonly pace: AttackPace;
  /**
   * How long a client waits for anything, in milliseconds.
   * @default 20_000
   */
  readonly patienceMs?: number;
  /** Starts another server than ours. */
  startServer?(): Promise<SoakedServer>;
  /** Told of what begins. */
  say?(what: string): void;
}

/** How the time is shared: until all clients are there and code is compiled, in peace, under attack, and after it. */
const SHARES = { arrival: 0.15, quiet: 0.25, attacked: 0.5, calm: 0.1 };

/** How long the server may take to see that everybody has left. */
const GONE_MS = 10_000;

/** How often its memory is looked at, and how long apart. */
const LOOKS = 3;
const LOOK_MS = 200;

/** Runs well-behaved clients, in peace and then beside all hostile peers at once, and tells what they have seen. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const server = await (options.startServer ?? (() => ServerProcess.start()))();
  const generator = new GeneratorProcess();
  try {
    return await run(options, server, generator);
  } finally {
    await generator.stop();
    await server.stop();
  }
}

async function run(
  { attacks, clients, pace, patienceMs = 20_000, seconds, seed, ...beside }: SoakOptions,
  server: SoakedServer,
  generator: GeneratorProcess,
): Promise<SoakReport> {
  const share = (name: keyof typeof SHARES) => sleep(seconds * SHARES[name] * 1_000);
  const { say = () => {} } = beside;
  const { port } = server;
  const fresh = await collected(server);
  say(`${clients} clients arrive`);
  await generator.begin({ port, path: '/echo', clients, seed, patienceMs });
  await share('arrival');
  say('They are alone');
  await generator.lap();
  await share('quiet');
  const { latency: quiet } = await generator.lap();
  const start = await collected(server);
  say(`${attacks.length} attacks by ${pace.peers} peers each`);
  await generator.lap();
  const attackers = new Attackers(server, attacks, pace);
  await share('attacked');
  const outcome = await attackers.stop();
  const { latency: attacked } = await generator.lap();
  say('The attacks have ended');
  await share('calm');
  const end = await collected(server);
  say('The clients leave');
  const { totals } = await generator.finish();
  const empty = await emptied(server);
  const peakBytes = peakOf(server.pid, [start, end]);
  const memory = { fresh, start, end, empty, peakBytes };
  return { clients: totals, quiet, attacked, attacks: outcome, ...memory };
}

async function emptied(server: SoakedServer): Promise<ServerStats> {
  const deadline = performance.now() + GONE_MS;
  while ((await server.stats()).connections > 0 && performance.now() < deadline) await sleep(100);
  return await collected(server);
}

/** What lives, and not what just happens to be under way or is freed by another thread: the least of some looks. */
async function collected(server: SoakedServer): Promise<ServerStats> {
  let least = await server.stats({ collect: true });
  for (let look = 1; look < LOOKS; look++) {
    await sleep(LOOK_MS);
    const stats = await server.stats({ collect: true });
    if (liveBytes(stats) < liveBytes(least)) least = stats;
  }
  return least;
}

/** Linux notes it; elsewhere it is the most that we have seen. */
function peakOf(pid: number | undefined, seen: readonly ServerStats[]): number {
  const most = Math.max(...seen.map(({ memory }) => memory.rss));
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    return Math.max(most, Number(kibibytes) * 1_024);
  } catch {
    return most;
  }
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ServerProcess } from './server-process.ts';
import { type Round, smokeWorkloads, type Workload } from './workload.ts';

/**
 * `pnpm bench:smoke`: our echo server beside that of `ws`, in turns within one run. Ratios hold from
 * machine to machine, the figures themselves do not; nothing is asserted about either.
 */
const ROUNDS = 3;

interface Figures {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const load = fileURLToPath(new URL('load.ts', import.meta.url));
const ours = await ServerProcess.start('heddle', resolve('@heddle/conformance/echo-server'));
const theirs = await ServerProcess.start('ws', resolve('./servers/ws.ts'));
try {
  console.log(`Node ${process.version}, the median of ${ROUNDS} rounds in turns\n`);
  console.log(
    `${'workload'.padEnd(22)} server      msg/s  CPU µs/msg   p50 ms   p99 ms   CPU of ws`,
  );
  for (const workload of smokeWorkloads) await compare(workload);
} finally {
  await Promise.all([ours.stop(), theirs.stop()]);
}

async function compare(workload: Workload): Promise<void> {
  const rounds = new Map<ServerProcess, Figures[]>([
    [ours, []],
    [theirs, []],
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [server, figures] of rounds) figures.push(await measure(server, workload));
  }
  const reference = median(rounds.get(theirs) ?? []);
  for (const [server, figures] of rounds) {
    const { perSecond, cpuMicroseconds, p50Ms, p99Ms } = median(figures);
    const ratio = (reference.cpuMicroseconds / cpuMicroseconds).toFixed(2);
    console.log(
      workload.name.padEnd(22),
      server.name.padEnd(6),
      perSecond.toFixed(0).padStart(10),
      cpuMicroseconds.toFixed(2).padStart(11),
      p50Ms.toFixed(3).padStart(8),
      p99Ms.toFixed(3).padStart(8),
      `÷ ${ratio}`.padStart(11),
    );
  }
}

async function measure(server: ServerProcess, workload: Workload): Promise<Figures> {
  const before = server.cpuSeconds();
  const args = [load, server.url, JSON.stringify(workload)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  const round: Round = JSON.parse(stdout);
  return {
    perSecond: round.messages / round.seconds,
    cpuMicroseconds: ((server.cpuSeconds() - before) * 1e6) / round.messages,
    p50Ms: round.p50Ms,
    p99Ms: round.p99Ms,
  };
}

function median(figures: readonly Figures[]): Figures {
  const sorted = figures.toSorted((one, other) => one.cpuMicroseconds - other.cpuMicroseconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('there was no round');
  return middle;
}

function resolve(specifier: string): string {
  return fileURLToPath(import.meta.resolve(specifier));
}

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figures } from './figures.ts';
import { Generator } from './generator.ts';
import { type MeasureOptions, measureIdle, measureTimed, type Outcome } from './measure.ts';
import { findSubjects, type Subject } from './subject.ts';
import { judge, targets } from './target.ts';
import { type IdleWorkload, type TimedWorkload, workloads } from './workload.ts';

/**
 * `pnpm bench`: servers side by side in one run. Ratios hold from machine to machine, the figures
 * themselves do not; nothing is asserted about either.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    servers: { type: 'string', default: '' },
    node: { type: 'string', default: process.execPath },
    rounds: { type: 'string' },
    'round-ms': { type: 'string' },
  },
});

/** Who is measured where there is little time: who decides. */
const DECIDING = ['heddle', 'heddle, documented', 'ws', 'net', 'bun'];

/** How a run is cut short: what it measures, and for how long. */
const hurry = values.smoke
  ? { rounds: 1, roundMs: 50, servers: ['heddle', 'ws'], idle: 200 }
  : values.quick
    ? { rounds: 3, roundMs: 150, servers: DECIDING, idle: 1_000 }
    : { rounds: 10, roundMs: 400, servers: [], idle: 10_000 };

const pinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;
const options: MeasureOptions = {
  rounds: Number(values.rounds ?? hurry.rounds),
  roundMs: Number(values['round-ms'] ?? hurry.roundMs),
  node: values.node,
  prefix: pinned ? ['taskset', '--cpu-list', '1'] : [],
};
const { subjects, missing } = findSubjects();
const asked = values.servers === '' ? hurry.servers : values.servers.split(';');
const chosen = subjects.filter(({ name }) => asked.length === 0 || asked.includes(name));
const generator = new Generator(pinned ? ['taskset', '--cpu-list', '0'] : []);
const results: unknown[] = [];

say(
  `Node ${nodeVersion()}, ${options.rounds} rounds of ${options.roundMs} ms in turns${pinned ? ', each side on a core of its own' : ''}`,
);
if (missing.length > 0) say(`Not installed, so left out: ${missing.join(', ')}`);
try {
  for (const workload of workloads) {
    if (!workload.name.includes(values.only)) continue;
    const taking = chosen.filter(({ takes }) => takes(workload));
    if (workload.kind === 'idle') await showIdle(workload, taking);
    else await showTimed(workload, taking);
  }
} finally {
  await generator.stop();
}
if (values.json) console.log(JSON.stringify({ ...options, node: nodeVersion(), results }, null, 2));

async function showTimed(workload: TimedWorkload, taking: readonly Subject[]): Promise<void> {
  const outcomes = await measureTimed(workload, taking, generator, options);
  const figures = new Map<string, Figures>();
  for (const [{ name }, outcome] of outcomes)
    if ('value' in outcome) figures.set(name, outcome.value);
  heading(workload.name, ['CPU µs/msg', 'CPU of ws', 'msg/s', 'p50 ms', 'p99 ms', 'spread']);
  const ws = figures.get('ws')?.cpuMicroseconds;
  for (const [{ name }, outcome] of outcomes) row(name, outcome, (value) => cells(value, ws));
  const target = targets[workload.name];
  const verdicts = target === undefined ? [] : judge(target, (name) => figures.get(name));
  for (const { line, met } of verdicts) say(`  ${met ? 'met   ' : 'MISSED'} ${line}`);
  results.push({ workload: workload.name, servers: Object.fromEntries(figures), verdicts });
}

async function showIdle(workload: IdleWorkload, taking: readonly Subject[]): Promise<void> {
  const fewer = { ...workload, connections: Math.min(workload.connections, hurry.idle) };
  heading(`${workload.name}, ${fewer.connections}`, ['bytes each', 'of ws']);
  const bytes: Record<string, number> = {};
  for (const subject of taking) {
    const outcome = await attempt(() => measureIdle(fewer, subject, generator, options));
    if ('value' in outcome) bytes[subject.name] = outcome.value;
    row(subject.name, outcome, (value) => [value.toFixed(0), '']);
  }
  const ws = bytes['ws'] ?? Number.NaN;
  for (const [name, value] of Object.entries(bytes)) {
    if (name.startsWith('heddle')) say(`  ${name}: ${(value / ws).toFixed(2)} of ws`);
  }
  results.push({ workload: workload.name, bytes });
}

async function attempt<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: String(error) };
  }
}

function cells(figures: Figures, ws: number | undefined): readonly string[] {
  const { cpuMicroseconds, perSecond, p50Ms, p99Ms, spread } = figures;
  return [
    cpuMicroseconds.toFixed(2),
    ws === undefined ? '' : `÷ ${(ws / cpuMicroseconds).toFixed(2)}`,
    perSecond.toFixed(0),
    p50Ms.toFixed(3),
    p99Ms.toFixed(3),
    `${(spread * 100).toFixed(0)} %`,
  ];
}

function heading(name: string, columns: readonly string[]): void {
  say(`\n${name.padEnd(36)}${columns.map((column) => column.padStart(11)).join('')}`);
}

function row<T>(name: string, outcome: Outcome<T>, show: (value: T) => readonly string[]): void {
  const shown =
    'value' in outcome
      ? show(outcome.value)
          .map((cell) => cell.padStart(11))
          .join('')
      : ` ${outcome.error}`;
  say(`  ${name.padEnd(34)}${shown}`);
}

/** With `--json` standard output is JSON and nothing else. */
function say(line: string): void {
  if (values.json) console.error(line);
  else console.log(line);
}

function nodeVersion(): string {
  return spawnSync(values.node, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Generator } from './generator.ts';
import { measured, measureIdle, measureTimed, type Outcome } from './measure.ts';
import { readSettings } from './settings.ts';
import { findSubjects, type Subject } from './subject.ts';
import { memoryTable, timedTable, verdictLine } from './table.ts';
import { judge, judgeMemory, memoryTargets, targets } from './target.ts';
import type { IdleWorkload, TimedWorkload } from './workload.ts';

/**
 * `pnpm bench`: servers side by side in one run. Ratios hold from machine to machine, the figures
 * themselves do not; nothing is asserted about either.
 */
const settings = readSettings(process.argv.slice(2));
const node = spawnSync(settings.node, ['--version'], { encoding: 'utf8' }).stdout.trim();
const { subjects, missing } = findSubjects();
const { servers } = settings;
const chosen = subjects.filter(({ name }) => servers.length === 0 || servers.includes(name));
const results: unknown[] = [];

const pinned = settings.prefix.length > 0 ? ', each side on a core of its own' : '';
console.log(`Node ${node}, ${settings.rounds} rounds of ${settings.roundMs} ms in turns${pinned}`);
if (missing.length > 0) console.log(`Not installed, so left out: ${missing.join(', ')}`);
const generator = new Generator(settings.generatorPrefix);
try {
  for (const workload of settings.workloads) {
    const taking = chosen.filter(({ takes }) => takes(workload));
    if (workload.kind === 'idle') await showMemory(workload, taking);
    else await showTimes(workload, taking);
  }
} finally {
  await generator.stop();
}
if (settings.json !== undefined) {
  writeFileSync(settings.json, `${JSON.stringify({ node, results }, null, 2)}\n`);
}

async function showTimes(workload: TimedWorkload, taking: readonly Subject[]): Promise<void> {
  const outcomes = await measureTimed(workload, taking, generator, settings);
  const target = targets[workload.name];
  const verdicts =
    target === undefined ? [] : judge(target, (name) => measured(outcomes.get(name)));
  print([...timedTable(workload.name, outcomes), ...verdicts.map(verdictLine)]);
  results.push({ workload: workload.name, servers: Object.fromEntries(outcomes), verdicts });
}

async function showMemory(workload: IdleWorkload, taking: readonly Subject[]): Promise<void> {
  const outcomes = new Map<string, Outcome<number>>();
  for (const subject of taking) {
    outcomes.set(subject.name, await measureIdle(workload, subject, generator, settings));
  }
  const verdicts = judgeMemory(memoryTargets[workload.name] ?? [], (name) =>
    measured(outcomes.get(name)),
  );
  const title = `${workload.name}, ${workload.connections}`;
  print([...memoryTable(title, outcomes), ...verdicts.map(verdictLine)]);
  results.push({ workload: workload.name, servers: Object.fromEntries(outcomes), verdicts });
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

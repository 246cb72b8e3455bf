import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findSubjects } from '../src/subject.ts';
import { workloads } from '../src/workload.ts';

interface Result {
  readonly workload: string;
  readonly servers: Record<string, { readonly value?: unknown; readonly error?: string }>;
}

/** Runs the benchmark as it is typed, with the sources of the packages; returns what it found. */
async function bench(...args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const json = join(folder, 'results.json');
  const main = fileURLToPath(new URL('../src/bench.ts', import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '--conditions=@heddle/source' };
  const run = promisify(execFile)(process.execPath, [main, ...args, '--json', json], { env });
  const { stdout } = await run;
  const { results } = JSON.parse(await readFile(json, 'utf8')) as { results: readonly Result[] };
  const failures = results.flatMap(({ workload, servers }) =>
    Object.entries(servers).flatMap(([name, { error }]) =>
      error === undefined ? [] : [`${workload}, ${name}: ${error}`],
    ),
  );
  return { stdout, results, failures };
}

describe('The benchmark', () => {
  it('runs something of each kind', async () => {
    const { stdout, results, failures } = await bench('--smoke');
    expect(failures).toEqual([]);
    const names = results.map(({ workload }) => workload);
    const kinds = workloads.filter(({ name }) => names.includes(name)).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(workloads.map(({ kind }) => kind)));
    for (const { servers } of results) expect(Object.keys(servers)).toEqual(['heddle', 'ws']);
    for (const name of names) expect(stdout).toContain(`\n${name}`);
  }, 180_000);

  it('runs every server that is to be had', async () => {
    const { subjects } = findSubjects();
    const servers = subjects.map(({ name }) => name);
    const only = (workload: string) =>
      bench('--smoke', '--only', workload, '--servers', servers.join(';'));
    const echo = await only('echo 1 KiB, 1 × 1');
    const broadcast = await only('broadcast 128 B to 1,000, 8');
    expect([...echo.failures, ...broadcast.failures]).toEqual([]);
    const ran = [...echo.results, ...broadcast.results].flatMap((one) => Object.keys(one.servers));
    expect(new Set(ran)).toEqual(new Set(servers));
  }, 180_000);
});

/** Runs tasks through turbo, and says how each of their runs ended (see tally.mjs). */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './children.mjs';
import { packages, readJson, root } from './workspace.mjs';

const SUMMARIES = join(root, '.turbo', 'runs');
const MATRIX_RUNS = join(root, 'reports', 'matrix', 'runs.json');

/** Runs a task and resolves with turbo's exit code. A package that fails does not keep the others from running. */
export async function turbo(task, ...flags) {
  const args = ['run', task, '--continue', '--output-logs=new-only', ...flags];
  const { exitCode } = await run('turbo', args);
  return exitCode;
}

/**
 * The task `test` of every package that has one: a run for each, which owes `reports/vitest.json`.
 *
 * One package at a time: each suite uses all cores by itself, and tests on real sockets mind their deadlines.
 */
export async function turboTests() {
  rmSync(SUMMARIES, { recursive: true, force: true });
  const exitCode = await turbo('test', '--concurrency=1', '--summarize');
  const exitCodes = readExitCodes('test');
  const runs = packages()
    .filter(({ manifest }) => manifest.scripts?.test !== undefined)
    .map(({ name, folder }) => ({
      name: `${name} test`,
      exitCode: exitCodes.get(name),
      report: join(root, folder, 'reports', 'vitest.json'),
    }));
  return withTurbo(runs, { name: 'turbo run test', exitCode });
}

/** The matrix: a run for each package on each Node, as scripts/matrix.mjs listed them. */
export async function turboMatrix() {
  const turboRun = { name: 'turbo run matrix', exitCode: await turbo('matrix') };
  const runs = readMatrixRuns();
  if (runs === undefined) return [{ ...turboRun, report: MATRIX_RUNS }];
  return withTurbo(
    runs.map((each) => ({ ...each, report: join(root, each.report) })),
    turboRun,
  );
}

/** turbo fails when a package does; it is one failure more only when no package is to blame. */
function withTurbo(runs, turboRun) {
  const blamed = runs.some(({ exitCode }) => exitCode !== 0);
  return blamed ? runs : [...runs, turboRun];
}

/** The exit code of `task` by package, out of the summary that turbo leaves; empty if it ended before it ran any. */
function readExitCodes(task) {
  const summary = attempt(() => readJson(SUMMARIES, readdirSync(SUMMARIES)[0]));
  const tasks = (summary?.tasks ?? []).filter((each) => each.task === task);
  return new Map(tasks.map((each) => [each.package, each.execution?.exitCode]));
}

function readMatrixRuns() {
  return attempt(() => readJson(MATRIX_RUNS));
}

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

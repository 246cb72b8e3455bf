import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeReport } from '../report.mjs';
import { lastLine, tallyRun, tallyRuns } from '../tally.mjs';
import { root } from '../workspace.mjs';

const folder = mkdtempSync(join(tmpdir(), 'heddle-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A report with one test of each given status, as Vitest writes it. */
function report(name, statuses, file = {}) {
  const path = join(folder, name);
  const assertionResults = statuses.map((status) => ({ fullName: `is ${status}`, status }));
  const status = statuses.includes('failed') ? 'failed' : 'passed';
  const result = { name: join(root, 'a.test.ts'), status, message: '', assertionResults, ...file };
  writeFileSync(path, JSON.stringify({ testResults: [result] }));
  return path;
}

describe('a run', () => {
  it('has the tests of its report', () => {
    const run = {
      name: 'core',
      exitCode: 1,
      report: report('mixed', ['passed', 'failed', 'passed']),
    };
    expect(tallyRun(run)).toEqual({
      passed: 2,
      failures: ['core: a.test.ts: is failed'],
      skips: [],
    });
  });

  it('has skipped whatever neither passed nor failed', () => {
    const run = {
      name: 'core',
      exitCode: 0,
      report: report('skips', ['skipped', 'todo', 'pending']),
    };
    expect(tallyRun(run)).toMatchObject({ passed: 0, failures: [], skips: { length: 3 } });
  });

  it('that fails without a failed test is one failure', () => {
    const run = { name: 'core', exitCode: 1, report: report('green', ['passed']) };
    expect(tallyRun(run)).toMatchObject({ passed: 1, failures: ['core: exit code 1'] });
  });

  it('that was never started is one failure', () => {
    const run = { name: 'core', exitCode: undefined, report: report('old', ['passed']) };
    expect(tallyRun(run).failures).toEqual(['core: was not run']);
  });

  it('that leaves no report is one failure, even if it says that all went well', () => {
    const run = { name: 'core', exitCode: 0, report: join(folder, 'nothing') };
    expect(tallyRun(run)).toEqual({ passed: 0, failures: ['core: left no report'], skips: [] });
  });

  it('that leaves half a report is one failure', () => {
    const path = join(folder, 'half');
    writeFileSync(path, '{"testResults":[{');
    expect(tallyRun({ name: 'core', exitCode: 1, report: path }).failures).toHaveLength(1);
  });

  it('that ran no test is one failure', () => {
    const run = { name: 'core', exitCode: 0, report: report('empty', []) };
    expect(tallyRun(run).failures).toEqual(['core: ran no test']);
  });

  it('owes no report if none is due', () => {
    expect(tallyRun({ name: 'lint', exitCode: 0 })).toEqual({ passed: 0, failures: [], skips: [] });
    expect(tallyRun({ name: 'lint', exitCode: 2 }).failures).toEqual(['lint: exit code 2']);
  });

  it('counts a test file that cannot be loaded', () => {
    const path = report('broken', [], { status: 'failed', message: 'No such file\n  at x' });
    expect(tallyRun({ name: 'core', exitCode: 1, report: path }).failures).toEqual([
      'core: a.test.ts: No such file',
    ]);
  });
});

describe('all runs', () => {
  const runs = [
    { name: 'lint', exitCode: 1 },
    { name: 'core', exitCode: 0, report: report('core', ['passed', 'skipped']) },
    { name: 'node', exitCode: 0, report: report('node', ['passed', 'passed']) },
  ];

  it('are added up', () => {
    const tally = tallyRuns(runs, { skipsFail: false });
    expect(tally).toMatchObject({ passed: 3, failures: { length: 1 }, skips: { length: 1 } });
  });

  it('have no skipped test in CI: each is a failure', () => {
    const tally = tallyRuns(runs, { skipsFail: true });
    expect(tally).toMatchObject({ passed: 3, failures: { length: 2 }, skips: [] });
    expect(tally.failures).toContain('skipped in CI: core: a.test.ts: is skipped');
  });
});

describe('the last line', () => {
  it('has two numbers', () => {
    expect(lastLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  });

  it('has a third only if anything was skipped', () => {
    expect(lastLine({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped');
  });
});

it('reads the reports of our own checks', () => {
  const path = join(folder, 'own/checks.json');
  const failed = writeReport(path, [
    { file: join(root, 'README.md'), name: 'line 3: compiles', error: undefined },
    { file: join(root, 'README.md'), name: 'line 9: compiles', error: 'no such name' },
  ]);
  expect(failed).toBe(1);
  expect(tallyRun({ name: 'docs', exitCode: 1, report: path })).toEqual({
    passed: 1,
    failures: ['docs: README.md: line 9: compiles'],
    skips: [],
  });
});

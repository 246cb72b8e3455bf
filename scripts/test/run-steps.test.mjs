import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryWorkspace } from './temporary-workspace.mjs';

/** Runs a list of steps in a workspace of its own. */
function runSteps(steps, { files = {}, env = {} } = {}) {
  const list = `import { writeFileSync, mkdirSync } from 'node:fs';
    import { runSteps } from './scripts/run-steps.mjs';
    await runSteps(${steps});`;
  const folder = temporaryWorkspace({ files: { ...files, 'list.mjs': list } });
  const { status, stdout } = spawnSync(process.execPath, ['list.mjs'], {
    cwd: folder,
    env: { ...process.env, CI: '', ...env },
    encoding: 'utf8',
  });
  return { folder, status, output: stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

const GREEN = "{ title: 'Green', runs: async () => [{ name: 'green', exitCode: 0 }] }";
const RED = "{ title: 'Red', runs: async () => [{ name: 'red', exitCode: 1 }] }";
const TESTED = `{
  title: 'Tested',
  runs: async () => {
    mkdirSync('reports', { recursive: true });
    const assertionResults = ['passed', 'passed', 'skipped'].map((status) => ({ fullName: status, status }));
    const testResults = [{ name: process.cwd() + '/a.test.ts', status: 'passed', assertionResults }];
    writeFileSync('reports/tested.json', JSON.stringify({ testResults }));
    return [{ name: 'tested', exitCode: 0, report: 'reports/tested.json' }];
  },
}`;

describe('a list of steps', () => {
  it('ends with the numbers of all of them, and with exit code 0 if none failed', () => {
    const { status, output, last } = runSteps(`[${GREEN}, ${TESTED}]`);
    expect(last).toBe('2 passed, 0 failed, 1 skipped');
    expect(output).toContain('skipped: tested: a.test.ts: skipped');
    expect(status).toBe(0);
  });

  it('has a heading with the time for each', () => {
    const { output } = runSteps(`[${GREEN}, ${TESTED}]`);
    expect(output).toMatch(/^== \d+:\d\d Green$/m);
    expect(output).toMatch(/^== \d+:\d\d Tested$/m);
  });

  it('goes on after a failure', () => {
    const { status, output, last } = runSteps(`[${RED}, ${TESTED}]`);
    expect(last).toBe('2 passed, 1 failed, 1 skipped');
    expect(output).toContain('failed: red: exit code 1');
    expect(status).toBe(1);
  });

  it('stops after one that the others need', () => {
    const { output, last } = runSteps(`[{ ...${RED}, vital: true }, ${TESTED}]`);
    expect(last).toBe('0 passed, 1 failed');
    expect(output).not.toContain('Tested');
  });

  it('fails in CI if a test was skipped', () => {
    const { status, last } = runSteps(`[${TESTED}]`, { env: { CI: 'true' } });
    expect(last).toBe('2 passed, 1 failed');
    expect(status).toBe(1);
  });

  it('removes the reports of an earlier run', () => {
    const files = {
      'packages/x/package.json': '{"name":"x"}',
      'packages/x/reports/vitest.json': '{}',
      'reports/old.json': '{}',
    };
    const { folder } = runSteps(`[${GREEN}]`, { files });
    expect(existsSync(join(folder, 'packages/x/reports'))).toBe(false);
    expect(existsSync(join(folder, 'reports'))).toBe(false);
  });
});

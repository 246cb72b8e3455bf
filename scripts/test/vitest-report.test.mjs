import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tallyRun } from '../tally.mjs';
import { root } from '../workspace.mjs';

const VITEST = join(root, 'node_modules/vitest/vitest.mjs');
const CONFIG = join(root, 'vitest.config.ts');

/** Runs a suite with the configuration of the packages, and tallies what Vitest itself reports of it. */
function tallySuite(files, env = {}) {
  mkdirSync(join(root, 'reports'), { recursive: true });
  const folder = mkdtempSync(join(root, 'reports', 'suite-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'test'));
  for (const [name, lines] of Object.entries(files)) {
    const text = ["import { afterAll, beforeAll, it } from 'vitest';", ...lines].join('\n');
    writeFileSync(join(folder, 'test', name), text);
  }
  const report = join(folder, 'reports', 'vitest.json');
  const exitCode = exitCodeOf([VITEST, 'run', '--config', CONFIG, '--root', '.'], { folder, env });
  return tallyRun({ name: 'suite', exitCode, report });
}

function exitCodeOf(args, { folder, env }) {
  try {
    execFileSync(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, CI: '', ...env },
      stdio: 'ignore',
    });
    return 0;
  } catch (error) {
    return error.status;
  }
}

it('counts tests that pass, fail and are skipped', () => {
  const tally = tallySuite({
    'a.test.mjs': ["it('a', () => {});", "it('b', () => { throw 1; });", "it.skip('c', () => {});"],
    'b.test.mjs': ["it.todo('d');", "it('e', () => {});"],
  });
  expect(tally).toMatchObject({ passed: 2, failures: { length: 1 }, skips: { length: 2 } });
});

it('counts a file that cannot be loaded, and one whose hooks fail', () => {
  const tally = tallySuite({
    'a.test.mjs': ["import './nothing.mjs';", "it('a', () => {});"],
    'b.test.mjs': ['afterAll(() => { throw 1; });', "it('b', () => {});"],
    'c.test.mjs': ['beforeAll(() => { throw 1; });', "it('c', () => {});"],
  });
  expect(tally).toMatchObject({ passed: 1, failures: { length: 3 } });
});

it('counts an error that no test has caught', () => {
  const tally = tallySuite({
    'a.test.mjs': [
      "it('a', async () => {",
      '  setTimeout(() => { throw 1; });',
      '  await new Promise((resolve) => setTimeout(resolve, 50));',
      '});',
    ],
  });
  expect(tally).toMatchObject({ passed: 1, failures: ['suite: exit code 1'] });
});

it('counts a suite without a test', () => {
  expect(tallySuite({})).toMatchObject({ passed: 0, failures: { length: 1 } });
});

it('lets no `.only` hide the other tests in CI', () => {
  const files = { 'a.test.mjs': ["it.only('a', () => {});", "it('b', () => { throw 1; });"] };
  expect(tallySuite(files)).toMatchObject({ passed: 1, failures: [] });
  expect(tallySuite(files, { CI: 'true' }).failures).not.toEqual([]);
});

/**
 * Adds up what the runners themselves reported. A *run* is one start of a runner:
 *
 * - `name`: what to call it when it fails;
 * - `exitCode`: as the shell saw it, `undefined` if it never ran;
 * - `report`: the path of the report that it owes, in the form of Vitest's JSON reporter; `undefined` if it owes none.
 *
 * Whatever goes wrong counts at least once: a run that fails without a failed test, one that leaves no report, one
 * whose report has no test in it, a test file that could not be loaded.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './workspace.mjs';

/** One run as `{ passed, failures, skips }`: a number, and a line for each of the others. */
export function tallyRun({ name, exitCode, report }) {
  const tests = report === undefined ? [] : readReport(report);
  if (tests === undefined) return { passed: 0, failures: [`${name}: left no report`], skips: [] };

  const titlesOf = (wanted) =>
    tests.filter(({ status }) => status === wanted).map(({ title }) => `${name}: ${title}`);
  const failures = titlesOf('failed');
  const skips = titlesOf('skipped');
  const passed = tests.length - failures.length - skips.length;
  if (failures.length === 0) {
    if (exitCode === undefined) failures.push(`${name}: was not run`);
    else if (exitCode !== 0) failures.push(`${name}: exit code ${exitCode}`);
    else if (report !== undefined && tests.length === 0) failures.push(`${name}: ran no test`);
  }
  return { passed, failures, skips };
}

/**
 * All runs as one tally. Where `skipsFail` is true, as in CI, a skipped test is a failed one: what is skipped there is
 * never run at all.
 */
export function tallyRuns(runs, { skipsFail }) {
  const { passed, failures, skips } = mergeTallies(runs.map(tallyRun));
  if (!skipsFail) return { passed, failures, skips };
  return {
    passed,
    failures: [...failures, ...skips.map((skip) => `skipped in CI: ${skip}`)],
    skips: [],
  };
}

/** Adds tallies up. */
export function mergeTallies(tallies) {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failures: tallies.flatMap((tally) => tally.failures),
    skips: tallies.flatMap((tally) => tally.skips),
  };
}

/** The line that ends a test run: `12 passed, 0 failed`, and `, 1 skipped` only if there are any. */
export function lastLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

/** Every test of a report as `{ title, status }`, or `undefined` if there is no report that can be read. */
function readReport(path) {
  try {
    const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
    return testResults.flatMap(testsOfFile);
  } catch {
    return undefined;
  }
}

function testsOfFile({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const tests = assertionResults.map(({ fullName, status }) => ({
    title: `${file}: ${fullName}`,
    status: statusOf(status),
  }));
  // A file that cannot be loaded has failed, but none of its tests has.
  const failedAsAWhole = status === 'failed' && !tests.some((test) => test.status === 'failed');
  if (failedAsAWhole) tests.push({ title: `${file}: ${firstLine(message)}`, status: 'failed' });
  return tests;
}

/** A test that has neither passed nor failed was skipped, whatever the runner calls it (todo, pending, …). */
function statusOf(status) {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
}

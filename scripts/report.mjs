/** Reports of our own checks, in the form of Vitest's JSON reporter as far as tally.mjs reads it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes the report of checks `{ file, name, error }`; `error` is `undefined` where the check passed. Also prints the
 * errors. Returns how many there are.
 */
export function writeReport(path, checks) {
  const failed = checks.filter(({ error }) => error !== undefined);
  for (const { file, name, error } of failed) console.error(`${file}: ${name}\n  ${error}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ testResults: checks.map(asTestResult) }));
  return failed.length;
}

function asTestResult({ file, name, error }) {
  const status = error === undefined ? 'passed' : 'failed';
  return {
    name: file,
    status,
    message: error ?? '',
    assertionResults: [{ fullName: name, status }],
  };
}

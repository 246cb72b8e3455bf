import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../packages/node/src/resolve-options.ts';
import { root } from '../workspace.mjs';
import { hasTitle, testsIn } from './named-tests.mjs';

/** The rows of docs/limits.md by what their columns are. */
const rows = readFileSync(join(root, 'docs', 'limits.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| limit '))
  .map((line) => {
    const [, limit, byDefault, above, stops, tests] = line.split('|').map((cell) => cell.trim());
    return { limit, byDefault, above, stops, tests: testsIn(tests), line };
  });

const { limits, heartbeat, ...others } = resolveOptions({});
const options = [
  ...Object.entries(limits).map(([name, value]) => [`limits.${name}`, value]),
  ...Object.entries(heartbeat).map(([name, value]) => [`heartbeat.${name}`, value]),
  ...Object.entries(others).filter(([name]) => name.endsWith('Ms')),
];

/** The defaults that are no number, as each machine has its own. */
const OF_THE_MACHINE = {
  'limits.maxServerRetainedBytes': 'a quarter of V8’s heap limit',
};

describe('docs/limits.md', () => {
  it.each(options)('has a row for %s, with its default', (name, value) => {
    const row = rows.find(({ limit }) => limit === `\`${name}\``);
    // What a default is beside its number stands behind it.
    const [words] = row?.byDefault.split(', or ') ?? [];
    expect(words).toBe(OF_THE_MACHINE[name] ?? value.toLocaleString('en').replace('∞', 'Infinity'));
  });

  it.each(rows)('$limit: has its tests', ({ tests, line }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter(({ path, title }) => !hasTitle(path, title))).toEqual([]);
    // Every title and path was understood: nothing in quotes or backquotes is left over.
    expect(line.match(/\.ts`/g)).toHaveLength(tests.length);
    expect(line.match(/"/g)).toHaveLength(2 * tests.length);
  });

  it.each(rows)('$limit: says what happens above it, and what that is for', (row) => {
    expect([row.byDefault, row.above, row.stops].filter((cell) => cell === '')).toEqual([]);
  });
});

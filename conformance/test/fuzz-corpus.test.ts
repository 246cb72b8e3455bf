import { describe, expect, it } from 'vitest';
import { findDifference } from '../src/fuzz/check-differential.ts';
import { readCorpus } from '../src/fuzz/corpus.ts';
import { knownDifferences } from '../src/fuzz/known-differences.ts';
import type { StreamCase } from '../src/fuzz/stream-case.ts';
import { targets } from '../src/fuzz/targets.ts';

describe('every input of the corpus', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    'is good: %s',
    async (name, target) => {
      const entries = readCorpus(name);
      expect(entries.length).toBeGreaterThan(0);
      const failed: string[] = [];
      for (const [file, { input }] of entries) {
        await target.check(input).catch((error) => failed.push(`${file}: ${error}`));
      }
      expect(failed).toEqual([]);
    },
  );
});

describe('the differences to ws', () => {
  const entries = ['ws', 'ws-deflate'].flatMap((target) => readCorpus(target));

  it.each(entries)('are what the file says: %s', async (_, { input, difference }) => {
    expect(await findDifference(input as StreamCase)).toBe(difference);
  });

  it.each(Object.keys(knownDifferences))('have a file that shows them: %s', (name) => {
    expect(entries.filter(([, { difference }]) => difference === name)).not.toEqual([]);
  });
});

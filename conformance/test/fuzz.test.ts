import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz } from '../src/fuzz/fuzz.ts';
import { defineTarget } from '../src/fuzz/target.ts';
import { targets } from '../src/fuzz/targets.ts';

/** As many as a second allows on a busy core; the nightly workflow has ten minutes for others. */
const CASES = { slow: 25, fast: 200 };
const SLOW = new Set(['frames', 'deflate', 'ws', 'ws-deflate', 'sending']);
const SEED = 20_261_128;

describe('the same cases on each run', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    'are all good: %s',
    async (name, target) => {
      const cases = CASES[SLOW.has(name) ? 'slow' : 'fast'];
      const report = await fuzz(target, { seconds: 20, seed: SEED, cases });
      expect(report).toEqual({ name, seed: SEED, cases, failure: undefined });
    },
  );
});

describe('a target that fails', () => {
  const target = defineTarget({
    name: 'below a hundred',
    inputs: fc.nat(1_000),
    check: (input) => {
      if (input >= 100) throw new Error(`it is ${input}`);
    },
  });

  it('is told with the smallest input that fails, and with the way back to it', async () => {
    const report = await fuzz(target, { seconds: 5, seed: 1 });
    expect(report.failure?.input).toBe(100);
    expect(String(report.failure?.error)).toBe('Error: it is 100');
    const path = report.failure?.path;
    const again = await fuzz(target, { seconds: 5, seed: 1, path });
    expect(again).toMatchObject({ cases: 1, failure: { input: 100, path } });
  });

  it('is told, too, if it is that a case does not end', async () => {
    const hanging = { ...target, check: () => new Promise<never>(() => undefined) };
    const report = await fuzz(hanging, { seconds: 1, seed: 1, caseMs: 20 });
    expect(String(report.failure?.error)).toMatch(/timeout/);
  });
});

import { describe, expect, it } from 'vitest';
import type { Figures } from '../src/figures.ts';
import { judge, targets } from '../src/target.ts';
import { workloads } from '../src/workload.ts';

const figures = (cpuMicroseconds: number): Figures => ({
  cpuMicroseconds,
  spread: 0,
  perSecond: 1,
  p50Ms: 1,
  p99Ms: 1,
});

describe('A target', () => {
  const target = { documented: 2, fast: 4, beside: { net: 0.5 } };

  it('is judged by ratios of CPU time', () => {
    const cpu: Record<string, number> = { ws: 8, heddle: 2, 'heddle, documented': 5, net: 3 };
    const verdicts = judge(target, (name) => figures(cpu[name] ?? Number.NaN));
    expect(verdicts).toEqual([
      { line: 'documented: ws takes 1.60 ×, of 2', met: false },
      { line: 'fast: ws takes 4.00 ×, of 4', met: true },
      { line: 'beside net: 0.67 ×, at most 0.5', met: false },
    ]);
  });

  it('says nothing of what was not measured', () => {
    expect(judge(target, (name) => (name === 'heddle' ? figures(1) : undefined))).toEqual([]);
  });

  it('is of a workload that there is', () => {
    const names = workloads.map(({ name }) => name);
    expect(Object.keys(targets).filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

import { describe, expect, it } from 'vitest';
import type { Figures } from '../src/figures.ts';
import { judge, judgeMemory, memoryTargets, targets } from '../src/target.ts';
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

  it('of memory is judged by bytes, and beside others', () => {
    const bytes: Record<string, number> = { heddle: 8_000, ws: 5_000 };
    const verdicts = judgeMemory(
      [
        { server: 'heddle', mostBytes: 8_000 },
        { server: 'heddle', most: 0.8, of: 'ws' },
        { server: 'heddle', most: 1, of: 'net' },
        { server: 'heddle, documented', mostBytes: 1 },
      ],
      (name) => bytes[name],
    );
    expect(verdicts).toEqual([
      { line: 'heddle: 8000 bytes, at most 8000', met: true },
      { line: 'heddle: 1.60 × ws, at most 0.8', met: false },
    ]);
  });

  it('is of a workload that there is', () => {
    const names = workloads.map(({ name }) => name);
    const wanted = [...Object.keys(targets), ...Object.keys(memoryTargets)];
    expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

import { describe, expect, it } from 'vitest';
import { figuresOf, median, quantile, type Sample } from '../src/figures.ts';

function sample(cpuMicroseconds: number, more: Partial<Sample['round']> = {}): Sample {
  return { cpuMicroseconds, round: { messages: 10, seconds: 1, p50Ms: 1, p99Ms: 2, ...more } };
}

describe('The figures of several rounds', () => {
  it('are the CPU time of the quiet quintile, and how far the median is above it', () => {
    const samples = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6].map((cpu) => sample(cpu));
    expect(figuresOf(samples)).toMatchObject({ cpuMicroseconds: 2, spread: 1.5 });
  });

  it('are the medians of all else', () => {
    const samples = [1, 2, 9].map((value) =>
      sample(1, { messages: value * 100, p50Ms: value, p99Ms: 10 * value }),
    );
    expect(figuresOf(samples)).toMatchObject({ perSecond: 200, p50Ms: 2, p99Ms: 20 });
  });

  it('are those of a single one, if there is one, and none if there is none', () => {
    expect(figuresOf([sample(3)])).toMatchObject({ cpuMicroseconds: 3, spread: 0 });
    expect(figuresOf([]).cpuMicroseconds).toBeNaN();
  });
});

describe('A quantile', () => {
  it('is the smallest value with at least that share of all up to it', () => {
    expect([0, 0.2, 0.5, 1].map((share) => quantile([4, 3, 2, 1, 5], share))).toEqual([1, 1, 3, 5]);
    expect(median([1, 2])).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '../src/page/backoff.ts';

describe('the wait before the next try', () => {
  it('doubles up to 20 seconds', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 60].map((failures) => retryDelayMs(failures, 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  it('is half certain and half chance', () => {
    expect([0, 0.5, 1].map((random) => retryDelayMs(2, random))).toEqual([1_000, 1_500, 2_000]);
  });
});

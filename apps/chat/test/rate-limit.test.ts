import { describe, expect, it } from 'vitest';
import { RateLimit } from '../src/server/rate-limit.ts';

const rate = { burst: 3, perSecond: 2 };

describe('a rate limit', () => {
  it('lets a burst through, and then says how long to wait', () => {
    const limit = new RateLimit(rate, 1_000);
    expect([limit.take(1_000), limit.take(1_000), limit.take(1_000)]).toEqual([0, 0, 0]);
    expect(limit.take(1_000)).toBe(500);
  });

  it('lets one through after exactly as long as it said', () => {
    const limit = emptied();
    const retryAfterMs = limit.take(0);
    expect(limit.take(retryAfterMs - 1)).toBeGreaterThan(0);
    expect(limit.take(retryAfterMs)).toBe(0);
  });

  it('charges nothing for what it refuses', () => {
    const limit = emptied();
    for (let attempt = 0; attempt < 100; attempt++) limit.take(0);
    expect(limit.take(500)).toBe(0);
  });

  it('saves up no more than a burst', () => {
    const limit = emptied();
    const later = 60 * 60_000;
    expect([1, 2, 3].map(() => limit.take(later))).toEqual([0, 0, 0]);
    expect(limit.take(later)).toBeGreaterThan(0);
  });

  it('lets the rate through over a long time, whenever the attempts come', () => {
    const limit = emptied();
    let passed = 0;
    for (let now = 1; now <= 10_000; now += 7) if (limit.take(now) === 0) passed++;
    expect(passed).toBeGreaterThanOrEqual(19);
    expect(passed).toBeLessThanOrEqual(20);
  });
});

function emptied(): RateLimit {
  const limit = new RateLimit(rate, 0);
  for (let token = 0; token < rate.burst; token++) limit.take(0);
  return limit;
}

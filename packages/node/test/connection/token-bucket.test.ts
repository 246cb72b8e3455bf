import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenBucket } from '../../src/connection/token-bucket.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Tokens', () => {
  it('are there from the beginning, as many as fit', () => {
    const bucket = new TokenBucket(10, 20);
    expect(bucket.msUntil(20)).toBe(0);
    bucket.take(20);
    expect(bucket.msUntil(0)).toBe(0);
    expect(bucket.msUntil(1)).toBe(100);
  });

  it('come in evenly, and never more than fit', () => {
    const bucket = new TokenBucket(10, 20);
    bucket.take(20);
    vi.advanceTimersByTime(500);
    expect(bucket.msUntil(5)).toBe(0);
    expect(bucket.msUntil(6)).toBe(100);
    vi.advanceTimersByTime(60_000);
    bucket.take(20);
    expect(bucket.msUntil(1)).toBe(100);
  });

  it('are owed where more are taken than there are', () => {
    const bucket = new TokenBucket(1_000, 1_000);
    bucket.take(3_500);
    expect(bucket.msUntil(0)).toBe(2_500);
    vi.advanceTimersByTime(2_499);
    expect(bucket.msUntil(0)).toBe(1);
    vi.advanceTimersByTime(1);
    expect(bucket.msUntil(0)).toBe(0);
  });

  it('are always enough where there is no limit', () => {
    const bucket = new TokenBucket(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    bucket.take(1e15);
    expect(bucket.msUntil(1e15)).toBe(0);
    vi.advanceTimersByTime(1);
    expect(bucket.msUntil(1e15)).toBe(0);
  });
});

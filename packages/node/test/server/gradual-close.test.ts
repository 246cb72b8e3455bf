import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GradualClose } from '../../src/server/gradual-close.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(count: number, spreadMs: number) {
  const closed: number[] = [];
  const connections = Array.from({ length: count }, (_, at) => at);
  const close = new GradualClose(connections, spreadMs, (connection) => closed.push(connection));
  return { close, closed, connections };
}

describe('Closing', () => {
  it('is done at once where it has no time', () => {
    const { closed, connections } = start(1_000, 0);
    expect(closed).toEqual(connections);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is spread evenly over the time, in the order of opening', () => {
    const { closed, connections } = start(1_000, 10_000);
    expect(closed.length).toBe(0);
    for (let passed = 0; passed < 10_000; passed += 1_000) {
      expect(Math.abs(closed.length - passed / 10)).toBeLessThanOrEqual(10);
      vi.advanceTimersByTime(1_000);
    }
    expect(closed).toEqual(connections);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('makes up for a time in which the event loop stood', () => {
    const { closed } = start(10, 1_000);
    vi.setSystemTime(Date.now() + 800);
    vi.advanceTimersByTime(850);
    expect(closed.length).toBeGreaterThanOrEqual(8);
  });

  it('ends when it is stopped', () => {
    const { close, closed } = start(10, 1_000);
    vi.advanceTimersByTime(500);
    close.stop();
    const before = closed.length;
    vi.advanceTimersByTime(5_000);
    expect(closed.length).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});

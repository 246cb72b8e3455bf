import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimit } from '../../src/connection/rate-limit.ts';
import type { ServerOptions } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(options: ServerOptions) {
  const told: string[] = [];
  const rate = RateLimit.of(resolveOptions(options), {
    throttled: (limit) => told.push(limit),
    applyFlow: () => told.push('go on'),
    failConnection: ({ code }) => told.push(code),
  });
  if (rate === undefined) throw new Error('There is no limit');
  return { rate, told };
}

describe('A rate', () => {
  it('costs nothing where it has no limit', () => {
    const listener = { throttled: vi.fn(), applyFlow: vi.fn(), failConnection: vi.fn() };
    expect(RateLimit.of(resolveOptions({}), listener)).toBeUndefined();
  });

  it('has the peer wait for as long as it takes, by one timer', () => {
    const { rate, told } = open({ limits: { messagesPerSecond: 4 } });
    for (let sent = 0; sent < 3; sent++) expect(rate.message()).toBe(true);
    expect(rate.throttled).toBe(false);
    expect(rate.message()).toBe(true);
    // What was on its way may still come.
    expect(rate.message()).toBe(true);
    expect(told).toEqual(['messagesPerSecond']);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(250);
    // The one that came on top has taken the next one's place.
    expect(told).toEqual(['messagesPerSecond', 'messagesPerSecond']);
    vi.advanceTimersByTime(250);
    expect(told.at(-1)).toBe('go on');
    expect(rate.throttled).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is that of both limits, where there are two', () => {
    const limits = { messagesPerSecond: 1, bytesPerSecond: 1_000, maxMessageBytes: 1_000 };
    const { rate, told } = open({ limits });
    rate.read(5_000);
    rate.message();
    vi.advanceTimersByTime(3_999);
    expect(told).toEqual(['bytesPerSecond']);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['bytesPerSecond', 'go on']);
  });

  it('leaves no timer behind when the connection ends', () => {
    const { rate, told } = open({ limits: { messagesPerSecond: 1 } });
    rate.message();
    expect(vi.getTimerCount()).toBe(1);
    rate.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual(['messagesPerSecond']);
  });

  it('ends the connection where the option says so', () => {
    const { rate, told } = open({ limits: { messagesPerSecond: 2 }, fastProducer: 'close' });
    expect([rate.message(), rate.message(), rate.message()]).toEqual([true, true, false]);
    expect(told).toEqual(['WS_MESSAGE_RATE']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

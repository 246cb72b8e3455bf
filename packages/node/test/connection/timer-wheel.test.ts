import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimerWheel, type WheelEntry, wheelFor } from '../../src/connection/timer-wheel.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An entry that notes when it is checked, and wants to be called again as `next` says. */
class Entry implements WheelEntry {
  readonly checkedAt: number[] = [];
  next: (now: number) => number | undefined = () => undefined;

  check(now: number): number | undefined {
    this.checkedAt.push(now);
    return this.next(now);
  }
}

describe('The timer wheel', () => {
  it('checks an entry when its time has come, and no earlier', () => {
    const wheel = new TimerWheel(100);
    const entry = new Entry();
    wheel.schedule(entry, 250);
    vi.advanceTimersByTime(299);
    expect(entry.checkedAt).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(entry.checkedAt).toEqual([300]);
    vi.advanceTimersByTime(1_000);
    expect(entry.checkedAt).toEqual([300]);
  });

  it('checks it again when it asks for that', () => {
    const wheel = new TimerWheel(10);
    const entry = new Entry();
    entry.next = (now) => (now < 100 ? now + 40 : undefined);
    wheel.schedule(entry, 30);
    vi.advanceTimersByTime(1_000);
    expect(entry.checkedAt).toEqual([30, 70, 110]);
  });

  it('puts a time that has passed into the next tick', () => {
    const wheel = new TimerWheel(10);
    const entry = new Entry();
    const other = new Entry();
    wheel.schedule(other, 1_000);
    vi.advanceTimersByTime(100);
    wheel.schedule(entry, 50);
    vi.advanceTimersByTime(10);
    expect(entry.checkedAt).toEqual([110]);
  });

  it('forgets the time that was set before', () => {
    const wheel = new TimerWheel(10);
    const entry = new Entry();
    wheel.schedule(entry, 20);
    wheel.schedule(entry, 80);
    vi.advanceTimersByTime(1_000);
    expect(entry.checkedAt).toEqual([80]);
  });

  it('does not check what was cancelled', () => {
    const wheel = new TimerWheel(10);
    const [kept, cancelled] = [new Entry(), new Entry()];
    wheel.schedule(kept, 20);
    wheel.schedule(cancelled, 20);
    wheel.cancel(cancelled);
    wheel.cancel(cancelled);
    vi.advanceTimersByTime(100);
    expect(kept.checkedAt).toEqual([20]);
    expect(cancelled.checkedAt).toEqual([]);
  });

  it('does not check what an entry of the same tick has cancelled or put off', () => {
    const wheel = new TimerWheel(10);
    const [first, cancelled, putOff] = [new Entry(), new Entry(), new Entry()];
    first.next = () => {
      wheel.cancel(cancelled);
      wheel.schedule(putOff, 70);
      return undefined;
    };
    for (const entry of [first, cancelled, putOff]) wheel.schedule(entry, 20);
    vi.advanceTimersByTime(100);
    expect(cancelled.checkedAt).toEqual([]);
    expect(putOff.checkedAt).toEqual([70]);
    expect(wheel.size).toBe(0);
  });

  it('has a timer only while there are entries', () => {
    const wheel = new TimerWheel(10);
    expect(vi.getTimerCount()).toBe(0);
    const [once, cancelled] = [new Entry(), new Entry()];
    wheel.schedule(once, 10);
    wheel.schedule(cancelled, 50);
    expect(vi.getTimerCount()).toBe(1);
    expect(wheel.size).toBe(2);
    wheel.cancel(cancelled);
    vi.advanceTimersByTime(10);
    expect(vi.getTimerCount()).toBe(0);
    expect(wheel.size).toBe(0);
    wheel.schedule(once, wheel.now + 10);
    vi.advanceTimersByTime(10);
    expect(once.checkedAt).toEqual([10, 20]);
  });

  it('has a clock that stands still while the event loop does', () => {
    const wheel = new TimerWheel(100);
    const entry = new Entry();
    wheel.schedule(entry, 200);
    vi.advanceTimersByTime(100);
    // A blocked loop: the wall clock goes on, and no timer fires.
    vi.setSystemTime(Date.now() + 60_000);
    expect(wheel.now).toBe(100);
    expect(entry.checkedAt).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(entry.checkedAt).toEqual([200]);
  });
});

describe('The wheel for a deadline', () => {
  it.each([
    [30_000, 1_000],
    [10_000, 1_000],
    [500, 50],
    [9, 1],
    [1, 1],
  ])('of %i ms has ticks of %i ms', (shortestMs, tickMs) => {
    const wheel = wheelFor(shortestMs);
    const entry = new Entry();
    wheel.schedule(entry, wheel.now + 1);
    const before = wheel.now;
    vi.advanceTimersByTime(tickMs);
    expect(wheel.now - before).toBe(tickMs);
    expect(entry.checkedAt).toHaveLength(1);
  });

  it('is shared by all of the same exactness', () => {
    expect(wheelFor(30_000)).toBe(wheelFor(45_000));
    expect(wheelFor(500)).not.toBe(wheelFor(30_000));
  });
});

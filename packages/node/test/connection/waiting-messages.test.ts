import { ClosedError, HELD_OBJECT_BYTES } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/connection/prepared-message.ts';
import { WaitingMessages } from '../../src/connection/waiting-messages.ts';
import { Deferred } from '../../src/deferred.ts';
import type { SlowConsumer } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';

/** Of a message of `byteLength` bytes. */
const held = (byteLength: number) => byteLength + HELD_OBJECT_BYTES;

function open(policy: SlowConsumer, maxBufferedBytes = 10_000) {
  const seen = { overflows: 0, drops: 0 };
  const options = resolveOptions({ slowConsumer: policy, limits: { maxBufferedBytes } });
  const waiting = new WaitingMessages(options, {
    overflowed: () => seen.overflows++,
    dropped: () => seen.drops++,
  });
  return { waiting, seen };
}

/** Takes all that waits: messages as they are, `'begin'` for one in fragments. */
function takeAll(waiting: WaitingMessages): unknown[] {
  const taken: unknown[] = [];
  for (let one = waiting.take(); one !== undefined; one = waiting.take()) {
    taken.push('message' in one ? one.message : 'begin');
  }
  expect(waiting).toMatchObject({ bytes: 0, empty: true });
  return taken;
}

describe('Messages that wait', () => {
  it('are taken in the order in which they came, and counted meanwhile', () => {
    const { waiting } = open('close');
    expect(waiting).toMatchObject({ bytes: 0, empty: true });
    expect(waiting.add('abc', true, 0)).toBe(true);
    waiting.addBegin(new Deferred());
    expect(waiting.add(Buffer.alloc(5), false, 0)).toBe(true);
    expect(waiting.add(prepare('fünf'), true, 0)).toBe(true);
    expect(waiting).toMatchObject({ bytes: held(3) + held(5) + held(5), empty: false });
    expect(waiting.take()).toEqual({ message: 'abc', compress: true });
    expect(waiting.take()).toEqual({ begun: expect.any(Deferred) });
    expect(waiting.take()).toEqual({ message: Buffer.alloc(5), compress: false });
    expect(waiting.bytes).toBe(held(5));
    expect(waiting.empty).toBe(false);
    waiting.add('last', true, 0);
    expect(takeAll(waiting)).toEqual([expect.anything(), 'last']);
    expect(waiting.take()).toBeUndefined();
  });

  it('are dropped together, and those who wait to begin are told why', async () => {
    const { waiting } = open({ coalesce: String });
    const begun = new Deferred<void>();
    waiting.add('a', true, 0);
    waiting.addBegin(begun);
    const cause = new ClosedError();
    waiting.drop(cause);
    await expect(begun.promise).rejects.toBe(cause);
    expect(takeAll(waiting)).toEqual([]);
    // The key is forgotten, too.
    waiting.add('b', true, 0);
    waiting.add('a', true, 0);
    expect(takeAll(waiting)).toEqual(['b', 'a']);
  });
});

describe('The limit', () => {
  it('is tested before a message is added: one may exceed it', () => {
    const { waiting, seen } = open('close', 1_000);
    expect(waiting.add('x'.repeat(5_000), true, 999)).toBe(true);
    expect(waiting.add('', true, 0)).toBe(false);
    expect(seen.overflows).toBe(1);
  });

  it('counts what is ahead of what waits', () => {
    const { waiting, seen } = open('close', 1_000);
    expect(waiting.add('a', true, 1_000)).toBe(false);
    expect(seen.overflows).toBe(1);
    expect(waiting.add('a', true, 999)).toBe(true);
  });

  it.each([['drop-newest'], ['drop-oldest'], [{ coalesce: () => undefined }]] as const)(
    'closes nothing with %o, and a message for which nothing can be dropped is itself',
    (policy) => {
      const { waiting, seen } = open(policy, 1_000);
      expect(waiting.add('a', true, 1_000)).toBe(false);
      expect(waiting.empty).toBe(true);
      expect(seen.overflows).toBe(0);
    },
  );

  it('has drop-newest keep what waits', () => {
    const { waiting } = open('drop-newest', 2 * held(1));
    expect(['a', 'b', 'c', 'd'].map((one) => waiting.add(one, true, 0))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(takeAll(waiting)).toEqual(['a', 'b']);
  });

  it('has drop-oldest drop as many as it takes, but none that comes in fragments', () => {
    const { waiting } = open('drop-oldest', 10 * held(0));
    waiting.addBegin(new Deferred());
    for (let at = 0; at < 5; at++) waiting.add('', true, 0);
    waiting.addBegin(new Deferred());
    for (let at = 0; at < 5; at++) waiting.add('x', true, 0);
    expect(waiting.add('new', true, 4 * held(0))).toBe(true);
    const kept = ['begin', 'begin', 'x', 'x', 'x', 'x', 'x', 'new'];
    expect(takeAll(waiting)).toEqual(kept);
  });

  it.each([['close'], ['drop-newest'], ['drop-oldest'], [{ coalesce: () => 'key' }]] as const)(
    'closes with %o where as much waits in messages in fragments, of which none is dropped',
    async (policy) => {
      const { waiting, seen } = open(policy, 3 * held(0));
      const begins = Array.from({ length: 4 }, () => new Deferred<void>());
      for (const begun of begins.slice(0, 3)) waiting.addBegin(begun);
      expect(seen.overflows).toBe(0);
      waiting.addBegin(begins[3] as Deferred<void>);
      expect(seen.overflows).toBe(1);
      const told = begins.map(({ promise }) => expect(promise).rejects.toThrow(ClosedError));
      waiting.drop(new ClosedError());
      await Promise.all(told);
    },
  );

  it('is kept to in the same time however much waits', () => {
    const { waiting } = open('drop-oldest', 50_000 * held(0));
    waiting.addBegin(new Deferred());
    for (let at = 0; at < 50_000; at++) waiting.add('', true, 0);
    const started = performance.now();
    for (let at = 0; at < 50_000; at++) waiting.add('', true, 0);
    // A tenth of a microsecond for each; by a Map it takes a hundred times as long.
    expect(performance.now() - started).toBeLessThan(500);
    expect(waiting.bytes).toBe(50_000 * held(0));
    expect(takeAll(waiting)).toHaveLength(50_001);
  });
});

describe('coalesce', () => {
  const coalesce = (message: string | Uint8Array) =>
    typeof message === 'string' ? message.split('=')[0] || undefined : undefined;

  it('puts a message in the place of the one with its key, and how it is compressed', () => {
    const { waiting } = open({ coalesce });
    waiting.add('x=1', true, 0);
    waiting.add('y=1', true, 0);
    waiting.add(prepare('x=22'), false, 0);
    expect(waiting.bytes).toBe(held(4) + held(3));
    expect(waiting.take()).toEqual({
      message: expect.objectContaining({ message: 'x=22' }),
      compress: false,
    });
    // What has been taken has no place any more.
    waiting.add('x=3', true, 0);
    expect(takeAll(waiting)).toEqual(['y=1', 'x=3']);
  });

  it.each([
    [undefined, ['a', 'b']],
    [null, ['a', 'b']],
    [0, ['b']],
    ['', ['b']],
    [Number.NaN, ['b']],
  ])('takes %s for what it is: a key, or none', (key, left) => {
    const { waiting } = open({ coalesce: () => key });
    waiting.add('a', true, 0);
    waiting.add('b', true, 0);
    expect(takeAll(waiting)).toEqual(left);
  });

  it('replaces although there is no room', () => {
    const { waiting } = open({ coalesce }, 1_000);
    waiting.add('x=1', true, 0);
    expect(waiting.add('x=2', true, 5_000)).toBe(true);
    expect(takeAll(waiting)).toEqual(['x=2']);
  });

  it('makes room of others for what replaces, and never of that itself', () => {
    const { waiting } = open({ coalesce }, 5 * held(2));
    for (const message of ['x=', 'y=', 'z=', 'w=']) waiting.add(message, true, 0);
    waiting.add(`x=${'1'.repeat(4 * held(2))}`, true, 0);
    waiting.add('x=2', true, 3 * held(2));
    expect(takeAll(waiting)).toEqual(['x=2', 'w=']);
  });

  it('forgets the keys of what it drops', () => {
    const { waiting } = open({ coalesce }, 2 * held(3));
    for (const message of ['a=1', 'b=1', 'c=1', 'a=2']) waiting.add(message, true, 0);
    expect(takeAll(waiting)).toEqual(['c=1', 'a=2']);
  });

  it('changes nothing by what it throws', () => {
    let fails = false;
    const { waiting } = open({
      coalesce: () => {
        if (fails) throw new Error('no key');
        return 1;
      },
    });
    waiting.add('a', true, 0);
    fails = true;
    expect(() => waiting.add('b', true, 0)).toThrow('no key');
    expect(waiting.bytes).toBe(held(1));
    expect(takeAll(waiting)).toEqual(['a']);
  });
});

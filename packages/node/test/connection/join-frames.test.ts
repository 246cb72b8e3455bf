import { beforeEach, describe, expect, it } from 'vitest';
import { joinFrames } from '../../src/connection/join-frames.ts';
import { turn } from '../turns.ts';

const [a, b, c] = ['a', 'bb', 'ccc'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

describe('The chunks of one write', () => {
  // What was written in the turn of another test is no concern of this one.
  beforeEach(turn);

  it('are left alone the first time, and from the second on are one buffer for all', () => {
    const first = joinFrames([a, b, c]);
    expect(first).toEqual([a, b, c]);
    const [joined, ...rest] = joinFrames([a, b, c]);
    expect(joined).toEqual(Buffer.from('abbccc'));
    expect(rest).toEqual([]);
    expect(joinFrames([a, b, c])[0]).toBe(joined);
  });

  it('are not spoilt by what the first writer does with its array', () => {
    joinFrames([a, b, c]).pop();
    joinFrames([a, b, c]).pop();
    expect(joinFrames([a, b, c])).toEqual([Buffer.from('abbccc')]);
  });

  it('are the same only if the memory is: equal bytes may change, each on its own', () => {
    joinFrames([a, b]);
    expect(joinFrames([a, Buffer.from(b)])).toEqual([a, b]);
  });

  it.each([
    ['fewer', [a, b]],
    ['more', [a, b, c, a]],
    ['in another order', [a, c, b]],
    ['others', [a, b, b]],
  ])('are not joined where they are %s', (_, other) => {
    joinFrames([a, b, c]);
    joinFrames([a, b, c]);
    expect(joinFrames([...other])).toEqual(other);
    // It is the last one that the next is compared with.
    expect(joinFrames([...other])).toEqual([Buffer.concat(other)]);
    expect(joinFrames([a, b, c])).toEqual([a, b, c]);
  });

  it('are left alone where there is one, which can be shared as it is', () => {
    expect(joinFrames([a])[0]).toBe(a);
    expect(joinFrames([a])[0]).toBe(a);
    expect(joinFrames([])).toEqual([]);
  });

  it('are not copied above 64 KiB', () => {
    const exactly = [Buffer.alloc(2 ** 16 - 1), a];
    joinFrames([...exactly]);
    expect(joinFrames([...exactly])).toHaveLength(1);
    const above = [Buffer.alloc(2 ** 16), a];
    joinFrames([...above]);
    expect(joinFrames([...above])).toEqual(above);
  });

  it('are forgotten when the turn is over', async () => {
    joinFrames([a, b]);
    joinFrames([a, b]);
    await turn();
    expect(joinFrames([a, b])).toEqual([a, b]);
    // And again: somebody must see to it each time.
    await turn();
    expect(joinFrames([a, b])).toEqual([a, b]);
  });
});

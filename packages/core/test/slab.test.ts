import { describe, expect, it } from 'vitest';
import { purePrimitives } from '../src/primitives.ts';
import { SLAB_BYTES, Slab } from '../src/slab.ts';

describe('a slab', () => {
  it('costs nothing before it is used', () => {
    expect(new Slab(purePrimitives).bytes.byteLength).toBe(0);
  });

  it('gives room once: one piece behind the other', () => {
    const slab = new Slab(purePrimitives);
    expect([slab.reserve(10), slab.reserve(1), slab.reserve(5)]).toEqual([0, 10, 11]);
    expect(slab.used).toBe(16);
    expect(slab.bytes.byteLength).toBe(SLAB_BYTES);
  });

  it('can be filled to the last byte, and then begins anew in other memory', () => {
    const slab = new Slab(purePrimitives);
    slab.reserve(1);
    const { bytes } = slab;
    expect(slab.reserve(SLAB_BYTES - 1)).toBe(1);
    expect(slab.bytes).toBe(bytes);
    expect(slab.reserve(1)).toBe(0);
    expect(slab.bytes).not.toBe(bytes);
  });

  it('leaves a rest that is too small', () => {
    const slab = new Slab(purePrimitives);
    slab.reserve(SLAB_BYTES - 1);
    expect(slab.reserve(2)).toBe(0);
    expect(slab.used).toBe(2);
  });

  it('gives room again that was the last and was given back', () => {
    const slab = new Slab(purePrimitives);
    const [first, second] = [slab.reserve(10), slab.reserve(20)];
    const part = (start: number, length: number) => slab.bytes.subarray(start, start + length);
    // Not the last: somebody may hold what is behind it.
    slab.giveBack(part(first, 10));
    expect(slab.used).toBe(30);
    slab.giveBack(part(second, 20));
    slab.giveBack(part(first, 10));
    expect([slab.used, slab.reserve(5)]).toEqual([0, 0]);
  });

  it('gives room again where its memory is a part of a larger one', () => {
    const allocate = (byteLength: number) => new Uint8Array(new ArrayBuffer(byteLength + 8), 8);
    const slab = new Slab({ ...purePrimitives, allocate });
    slab.reserve(10);
    slab.giveBack(slab.bytes.subarray(0, 10));
    expect(slab.used).toBe(0);
  });

  it('takes nothing back that is not its own, or was given before it began anew', () => {
    const slab = new Slab(purePrimitives);
    slab.reserve(10);
    slab.giveBack(new Uint8Array(10));
    expect(slab.used).toBe(10);
    const old = slab.bytes.subarray(0, 10);
    slab.reserve(SLAB_BYTES);
    slab.reserve(10);
    slab.giveBack(old);
    expect(slab.used).toBe(10);
  });

  it('keeps what it has if there is no memory for more', () => {
    let memoryLeft = 1;
    const slab = new Slab({
      ...purePrimitives,
      allocate: (byteLength) => {
        if (memoryLeft-- === 0) throw new RangeError('Array buffer allocation failed');
        return new Uint8Array(byteLength);
      },
    });
    slab.reserve(SLAB_BYTES - 1);
    expect(() => slab.reserve(2)).toThrow(RangeError);
    expect(slab.reserve(1)).toBe(SLAB_BYTES - 1);
  });
});

import { primitivesContract } from '@heddle/testing/contract';
import { describe, expect, it } from 'vitest';
import { nativePrimitives, nextMaskingKey } from '../../src/connection/native-primitives.ts';

primitivesContract("Node's", nativePrimitives);

describe("What is allocated by Node's primitives", () => {
  it('has memory of its own, which pins nobody else', () => {
    for (const byteLength of [0, 1, 100, 70_000]) {
      expect(nativePrimitives.allocate(byteLength).buffer.byteLength).toBe(byteLength);
    }
  });

  it('is a Buffer', () => {
    expect(Buffer.isBuffer(nativePrimitives.allocate(3))).toBe(true);
  });

  it('may be written as UTF-8 whether it is a Buffer or not', () => {
    const target = new Uint8Array(8);
    expect(nativePrimitives.encodeUtf8('é', target.subarray(2), 1)).toBe(3);
    expect([...target]).toEqual([0, 0, 0, 0xc3, 0xa9, 0, 0, 0]);
  });
});

describe('RFC 6455 §5.3, masking keys', () => {
  it('are 32 bits each, and no two in a row of thousands are the same by more than chance', () => {
    const keys = Array.from({ length: 5_000 }, nextMaskingKey);
    for (const key of keys) expect(key === key >>> 0).toBe(true);
    // By chance one pair in 340 runs of the test is equal: three are none.
    expect(new Set(keys).size).toBeGreaterThan(4_997);
    // Every bit is used.
    expect(keys.reduce((all, key) => (all | key) >>> 0, 0)).toBe(0xffff_ffff);
    expect(keys.reduce((all, key) => (all & key) >>> 0, 0xffff_ffff)).toBe(0);
  });
});

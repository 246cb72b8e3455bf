import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, BlockPool } from '../src/block-pool.ts';
import { purePrimitives } from '../src/primitives.ts';

describe('A pool of blocks', () => {
  it('gives each block to one at a time, and again once it is back', () => {
    const pool = new BlockPool(purePrimitives);
    const [one, other] = [pool.take(), pool.take()];
    expect(one.byteLength).toBe(64 * 1024);
    expect(other.buffer).not.toBe(one.buffer);
    pool.giveBack(one);
    expect(pool.take()).toBe(one);
    expect(pool.take()).not.toBe(other);
  });

  it('keeps no memory of another size', () => {
    const pool = new BlockPool(purePrimitives);
    const [small, large] = [new Uint8Array(10), new Uint8Array(BLOCK_BYTES + 1)];
    pool.giveBack(small);
    pool.giveBack(large);
    expect(pool.take().byteLength).toBe(BLOCK_BYTES);
  });

  it('keeps at most 4 MiB', () => {
    let allocated = 0;
    const pool = new BlockPool({
      ...purePrimitives,
      allocate(byteLength) {
        allocated += byteLength;
        return new Uint8Array(byteLength);
      },
    });
    const blocks = Array.from({ length: 100 }, () => pool.take());
    for (const block of blocks) pool.giveBack(block);
    for (const _ of blocks) pool.take();
    expect(allocated).toBe(200 * BLOCK_BYTES - 4 * 2 ** 20);
  });
});

import { randomBytes } from 'node:crypto';
import { purePrimitives } from '@heddle/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { instantiateMaskModule, MASK_MEMORY_BYTES } from '../../src/connection/mask-module.ts';
import { applyMask, readMemory } from '../../src/connection/masking.ts';

const KEYS = [0, 1, 0x37fa_213d, 0x8000_0001, 0xffff_ffff];

/** Masks a copy in JavaScript, and `bytes` here; the octets around the range are to stay. */
function expectMasked(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  at: number,
): void {
  const expected = Uint8Array.from(bytes);
  purePrimitives.applyMask(expected, start, end, key, at);
  applyMask(bytes, start, end, key, at);
  if (Buffer.compare(bytes, expected) !== 0) {
    expect.fail(`${start} to ${end} of ${bytes.byteLength}, key ${key}, position ${at}`);
  }
}

describe('The module', () => {
  it('works on this Node, so that what follows is a test of it', () => {
    const { memory, mask } = instantiateMaskModule() ?? expect.fail('there is no module');
    expect(memory.buffer.byteLength).toBe(MASK_MEMORY_BYTES);
    const bytes = Buffer.from(memory.buffer, 0, 8);
    mask(1, 7, 0x44_33_22_11);
    expect(bytes.toString('hex')).toBe('0011223344112200');
    // What lies outside its memory is not there for it, as everywhere in WebAssembly.
    expect(() => mask(MASK_MEMORY_BYTES - 4, MASK_MEMORY_BYTES + 4, 1)).toThrow('out of bounds');
  });
});

describe('RFC 6455 §5.3, masking as Node does it', () => {
  it('is what core does in the memory of reads: every length, start and position', () => {
    for (let length = 0; length <= 200; length++) {
      for (let start = 0; start < 18; start++) {
        const bytes = readMemory.subarray(3, 3 + start + length + 2);
        bytes.set(randomBytes(bytes.byteLength));
        const key = KEYS[length % KEYS.length] ?? 0;
        expectMasked(bytes, start, start + length, key, length & 3);
      }
    }
  });

  it('is what core does elsewhere, in pieces if need be', () => {
    for (const length of [31, 32, 2_047, 2_048, 2_049, 65_535, 65_536, 65_537, 200_003]) {
      for (const position of [0, 1, 2, 3, 65_535]) {
        for (const key of KEYS) expectMasked(randomBytes(length + 9), 5, 5 + length, key, position);
      }
    }
  });

  it('reaches to the end of the memory of reads, and not beyond', () => {
    const last = readMemory.subarray(-100);
    last.set(randomBytes(100));
    expectMasked(last, 1, 100, 0x0102_0304, 2);
    expect(readMemory.byteLength).toBeLessThan(MASK_MEMORY_BYTES);
  });
});

describe('Where there is no WebAssembly', () => {
  it('JavaScript does it, in memory that is as large', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.resetModules();
    });
    const without = await import('../../src/connection/masking.ts');
    expect(without.readMemory.byteLength).toBe(readMemory.byteLength);
    for (const bytes of [without.readMemory.subarray(1, 5_001), Buffer.alloc(5_000)]) {
      const expected = Uint8Array.from(bytes);
      purePrimitives.applyMask(expected, 1, 4_999, 0x0102_0304, 1);
      without.applyMask(bytes, 1, 4_999, 0x0102_0304, 1);
      expect(Buffer.compare(bytes, expected)).toBe(0);
    }
  });
});

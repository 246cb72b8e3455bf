import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors.ts';
import {
  assertLimit,
  DEFAULT_MESSAGE_LIMITS,
  HELD_OBJECT_BYTES,
  heldBytes,
} from '../src/limits.ts';

describe('limits', () => {
  it('are on by default: 1 MiB and 16,384 fragments', () => {
    expect(DEFAULT_MESSAGE_LIMITS).toEqual({ maxMessageBytes: 1_048_576, maxFragments: 16_384 });
  });

  it.each([1, 2, 2 ** 20, Number.MAX_SAFE_INTEGER])('may be %d', (value) => {
    expect(() => assertLimit('limits.maxFragments', value)).not.toThrow();
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('may not be %d', (value) => {
    expect(() => assertLimit('limits.maxFragments', value)).toThrow(UsageError);
    expect(() => assertLimit('limits.maxFragments', value)).toThrow(
      `Invalid option: limits.maxFragments must be a whole number from 1 to 2^53 - 1, not ${value}`,
    );
  });

  it('count what is held with what is around it, and nothing where nothing is', () => {
    expect(heldBytes(new Uint8Array(10))).toBe(10 + HELD_OBJECT_BYTES);
    expect(heldBytes(undefined)).toBe(0);
  });
});

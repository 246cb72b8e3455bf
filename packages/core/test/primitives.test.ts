import { describe, expect, it } from 'vitest';
import { applyMask } from '../src/masking.ts';
import { purePrimitives } from '../src/primitives.ts';
import { decodeUtf8, encodeUtf8, isUtf8, utf8ByteLength } from '../src/utf8.ts';

// What every implementation must do is in `primitivesContract` of @heddle/testing/contract.
describe('the pure primitives', () => {
  it('are the functions of this package', () => {
    const { allocate, copy, ...functions } = purePrimitives;
    expect(functions).toEqual({ applyMask, decodeUtf8, isUtf8, utf8ByteLength, encodeUtf8 });
    expect(allocate(5)).toEqual(new Uint8Array(5));
    expect(copy(Uint8Array.of(1, 2, 3, 4), 1, 3)).toEqual(Uint8Array.of(2, 3));
  });
});

import { HELD_OBJECT_BYTES } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { heldBytes } from '../../src/connection/held-bytes.ts';

describe('What a waiting message costs', () => {
  it.each([
    ['nothing in it', '', 0],
    ['ASCII: a byte for each character', 'x'.repeat(1000), 1000],
    ['two bytes for each as soon as one is wide', `${'x'.repeat(999)}€`, 2000],
    ['at least what it takes as UTF-8', '€'.repeat(1000), 3000],
    ['bytes', new Uint8Array(1000), 1000],
  ])('%s, and the object around it', (_, message, bytes) => {
    expect(heldBytes(message)).toBe(bytes + HELD_OBJECT_BYTES);
  });
});

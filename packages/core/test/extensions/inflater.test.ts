import { describe, expect, it } from 'vitest';
import { DEFLATE_TAIL } from '../../src/extensions/inflater.ts';
import { toHex } from '../hex.ts';

describe('RFC 7692 §7.2.1, the tail of compressed data', () => {
  it('is "4 octets of 0x00 0x00 0xff 0xff"', () => {
    expect(toHex(DEFLATE_TAIL)).toBe('00 00 ff ff');
  });
});

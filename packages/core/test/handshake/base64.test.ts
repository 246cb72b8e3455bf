import { describe, expect, it } from 'vitest';
import { encodeBase64, isBase64Text } from '../../src/handshake/base64.ts';

describe('RFC 4648 §10, the test vectors of base64', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('encodes %j as %j', (text, encoded) => {
    expect(encodeBase64(new TextEncoder().encode(text))).toBe(encoded);
  });

  it('uses all 64 characters', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(encodeBase64(Uint8Array.of(0xff, 0xef, 0xbe))).toBe('/+++');
  });
});

describe('the alphabet of base64, RFC 4648 §4', () => {
  it('knows its characters', () => {
    expect(isBase64Text('AZaz09+/')).toBe(true);
    expect(isBase64Text('')).toBe(true);
  });

  it.each(['=', '-', '_', ' ', '\u00e9', 'A\u0000', '\u212a'])('refuses %j', (text) => {
    expect(isBase64Text(text)).toBe(false);
  });
});

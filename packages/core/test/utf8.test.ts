import { isUtf8 as runtimeIsUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, isUtf8, utf8ByteLength } from '../src/utf8.ts';
import { fromHex } from './hex.ts';
import { BORDER_OCTETS, UTF8_SAMPLES } from './utf8-samples.ts';

const encoder = new TextEncoder();
/** The runtime's own: strict, and a byte order mark is a character. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function runtimeDecode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

describe('RFC 3629, UTF-8: isUtf8', () => {
  it.each(UTF8_SAMPLES)('judges %s', (_, hex, valid) => {
    const bytes = fromHex(hex);
    expect(runtimeIsUtf8(bytes)).toBe(valid);
    expect(isUtf8(bytes, 0, bytes.byteLength)).toBe(valid);
  });

  it('judges only what lies between start and end', () => {
    const bytes = fromHex('ff e2 82 ac ff');
    expect(isUtf8(bytes, 1, 4)).toBe(true);
    expect(isUtf8(bytes, 1, 3)).toBe(false);
    expect(isUtf8(bytes, 2, 4)).toBe(false);
    expect(isUtf8(bytes, 2, 2)).toBe(true);
  });
});

describe('RFC 3629, UTF-8: decodeUtf8', () => {
  it('agrees with the runtime about every octet and every two octets', () => {
    const bytes = new Uint8Array(2);
    for (let octets = 0; octets < 0x1_0000; octets++) {
      bytes[0] = octets >> 8;
      bytes[1] = octets & 0xff;
      if (decodeUtf8(bytes, 1, 2) !== runtimeDecode(bytes.subarray(1))) {
        expect.fail(`octet ${octets & 0xff}`);
      }
      if (decodeUtf8(bytes, 0, 2) !== runtimeDecode(bytes)) expect.fail(`octets ${bytes}`);
    }
  });

  it('agrees with the runtime about three and four octets at every border', () => {
    for (const bytes of borderSequences()) {
      // Half a million of them: what is not UTF-8 is not decoded, for an exception is slow.
      const expected = runtimeIsUtf8(bytes) ? runtimeDecode(bytes) : undefined;
      if (decodeUtf8(bytes, 0, bytes.byteLength) !== expected) expect.fail(`octets ${bytes}`);
    }
  });

  it('decodes every scalar value of Unicode', () => {
    const target = new Uint8Array(4);
    for (let codePoint = 0; codePoint <= 0x10_ffff; codePoint++) {
      if (codePoint === 0xd800) codePoint = 0xe000;
      const text = String.fromCodePoint(codePoint);
      const end = encodeUtf8(text, target, 0);
      if (decodeUtf8(target, 0, end) !== text) expect.fail(`U+${codePoint.toString(16)}`);
    }
  });

  it('decodes a text too long for one call of String.fromCharCode', () => {
    const text = `${'é€😀x'.repeat(100_000)}é`;
    const bytes = encoder.encode(text);
    expect(decodeUtf8(bytes, 0, bytes.byteLength) === text).toBe(true);
  });

  it('decodes what lies between start and end', () => {
    expect(decodeUtf8(fromHex('ff 48 c3 a9 ff'), 1, 4)).toBe('Hé');
    expect(decodeUtf8(fromHex('ff'), 0, 0)).toBe('');
  });
});

describe('RFC 3629, UTF-8: encodeUtf8 and utf8ByteLength', () => {
  it('agree with the runtime about every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), fc.nat(9), (text, offset) => {
        const expected = encoder.encode(text);
        const target = new Uint8Array(offset + expected.byteLength);
        expect(utf8ByteLength(text)).toBe(expected.byteLength);
        expect(encodeUtf8(text, target, offset)).toBe(target.byteLength);
        expect(target.subarray(offset)).toEqual(expected);
        expect(target.subarray(0, offset)).toEqual(new Uint8Array(offset));
      }),
    );
  });

  it('agree with the runtime about every scalar value of Unicode', () => {
    const target = new Uint8Array(4);
    for (let codePoint = 0; codePoint <= 0x10_ffff; codePoint++) {
      if (codePoint === 0xd800) codePoint = 0xe000;
      const text = String.fromCodePoint(codePoint);
      const { written } = encoder.encodeInto(text, new Uint8Array(4));
      if (utf8ByteLength(text) !== written || encodeUtf8(text, target, 0) !== written) {
        expect.fail(`U+${codePoint.toString(16)}`);
      }
    }
  });

  it.each([
    ['a high surrogate alone', '\ud800'],
    ['a high surrogate before a letter', '\udbffA'],
    ['a low surrogate alone', 'A\udc00'],
    ['the last low surrogate alone', '\udfffA'],
    ['a pair the wrong way round', '\udc00\ud800'],
    ['half a pair after a whole one', '\ud83d\ude00\ud83d'],
  ])('write %s as U+FFFD, as the runtime does', (_, text) => {
    const expected = encoder.encode(text);
    const target = new Uint8Array(expected.byteLength);
    expect(utf8ByteLength(text)).toBe(expected.byteLength);
    expect(encodeUtf8(text, target, 0)).toBe(expected.byteLength);
    expect(target).toEqual(expected);
  });
});

function* borderSequences(): Generator<Uint8Array> {
  const leads = BORDER_OCTETS.filter((octet) => octet >= 0xc0);
  for (const first of leads) {
    for (const second of BORDER_OCTETS) {
      for (const third of BORDER_OCTETS) {
        yield Uint8Array.of(first, second, third);
        for (const fourth of BORDER_OCTETS) yield Uint8Array.of(first, second, third, fourth);
      }
    }
  }
}

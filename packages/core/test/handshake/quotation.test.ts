import { describe, expect, it } from 'vitest';
import { quote } from '../../src/handshake/quotation.ts';

describe('a value of the peer in an error message', () => {
  it('stands in quotation marks', () => {
    expect(quote('h2c')).toBe('"h2c"');
    expect(quote('')).toBe('""');
  });

  it('is cut after 40 characters', () => {
    expect(quote('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
    expect(quote('x'.repeat(16_384))).toBe(`"${'x'.repeat(40)}"…`);
  });

  it.each([
    ['a\r\nSet-Cookie: b', '"a\\u{d}\\u{a}Set-Cookie: b"'],
    ['\u001b[31m', '"\\u{1b}[31m"'],
    ['\u007f', '"\\u{7f}"'],
    ['caf\u00e9', '"caf\\u{e9}"'],
    ['\u202e', '"\\u{202e}"'],
    ['\ud83d\ude00', '"\\u{d83d}\\u{de00}"'],
    [' ~', '" ~"'],
  ])('forges neither a line nor a colour: %j', (value, quoted) => {
    expect(quote(value)).toBe(quoted);
  });

  it('does not end its own quotation', () => {
    expect(quote('a" b\\')).toBe('"a\\" b\\\\"');
  });
});

import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes, formatBytes, textBytes, toBytes } from '../src/bytes.ts';

describe('bytes as a test writes them', () => {
  it.each([
    ['', []],
    ['81 05', [0x81, 0x05]],
    ['8105', [0x81, 0x05]],
    ['  fF\n00 ', [0xff, 0]],
  ])('reads %j', (hex, octets) => {
    expect([...toBytes(hex)]).toEqual(octets);
  });

  it('passes on an array of bytes as it is', () => {
    const bytes = Uint8Array.of(1, 2);
    expect(toBytes(bytes)).toBe(bytes);
  });

  it.each(['8', '81 0', 'xx', 'GET / HTTP/1.1', '0x81'])('refuses %j', (text) => {
    expect(() => toBytes(text)).toThrow(
      new TypeError(`These are no octets in hexadecimal: ${text}`),
    );
  });

  it('encodes text as UTF-8', () => {
    expect([...textBytes('é')]).toEqual([0xc3, 0xa9]);
  });

  it('shows bytes to a human, and how many it does not show', () => {
    expect(formatBytes(Uint8Array.of(0x81, 0x05, 0))).toBe('81 05 00');
    expect(formatBytes(new Uint8Array(0))).toBe('(nothing)');
    expect(formatBytes(new Uint8Array(5), 2)).toBe('00 00 … and 3 more');
  });

  it('joins and compares', () => {
    const joined = concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3));
    expect(equalBytes(joined, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(equalBytes(joined, Uint8Array.of(1, 2))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import {
  encodeFrame,
  encodeFrameHeader,
  type FrameStart,
  headerByteLength,
} from '../src/frame-header.ts';
import { Opcode } from '../src/opcode.ts';
import { purePrimitives } from '../src/primitives.ts';
import { fromHex, toHex } from './hex.ts';

const TEXT: FrameStart = { fin: true, rsv: 0, opcode: Opcode.Text };

function encode(length: number, maskingKey?: number, start = TEXT): string {
  const target = new Uint8Array(headerByteLength(length, maskingKey !== undefined));
  expect(encodeFrameHeader(target, 0, start, length, maskingKey)).toBe(target.byteLength);
  return toHex(target);
}

describe('RFC 6455 §5.2, the header of a frame', () => {
  it.each([
    [0, '81 00'],
    [1, '81 01'],
    [125, '81 7d'],
    [126, '81 7e 00 7e'],
    [127, '81 7e 00 7f'],
    [65_535, '81 7e ff ff'],
    [65_536, '81 7f 00 00 00 00 00 01 00 00'],
    [2 ** 32, '81 7f 00 00 00 01 00 00 00 00'],
    [Number.MAX_SAFE_INTEGER, '81 7f 00 1f ff ff ff ff ff ff'],
  ])('has the length %i in the fewest bytes', (length, hex) => {
    expect(encode(length)).toBe(hex);
  });

  it.each([
    [0, 0x37fa213d, '81 80 37 fa 21 3d'],
    [126, 0xffffffff, '81 fe 00 7e ff ff ff ff'],
    [65_536, 0x00000001, '81 ff 00 00 00 00 00 01 00 00 00 00 00 01'],
    [1, 0, '81 81 00 00 00 00'],
  ])('has the masking key behind the length %i', (length, maskingKey, hex) => {
    expect(encode(length, maskingKey)).toBe(hex);
  });

  it.each([
    [{ fin: false, rsv: 0, opcode: Opcode.Continuation }, '00 00'],
    [{ fin: false, rsv: 4, opcode: Opcode.Text }, '41 00'],
    [{ fin: true, rsv: 7, opcode: Opcode.Binary }, 'f2 00'],
    [{ fin: true, rsv: 0, opcode: Opcode.Close }, '88 00'],
    [{ fin: true, rsv: 0, opcode: Opcode.Pong }, '8a 00'],
  ])('has FIN, RSV and opcode in the first octet: %o', (start, hex) => {
    expect(encode(0, undefined, start)).toBe(hex);
  });

  it('is written where the caller says', () => {
    const target = new Uint8Array(6);
    expect(encodeFrameHeader(target, 2, TEXT, 126, undefined)).toBe(6);
    expect(toHex(target)).toBe('00 00 81 7e 00 7e');
  });
});

describe('a whole frame of a server', () => {
  it('has its payload behind its header', () => {
    expect(toHex(encodeFrame(TEXT, fromHex('48 69'), purePrimitives))).toBe('81 02 48 69');
    const frame = encodeFrame(TEXT, new Uint8Array(126).fill(1), purePrimitives);
    expect(toHex(frame.subarray(0, 5))).toBe('81 7e 00 7e 01');
    expect(frame.byteLength).toBe(130);
  });
});

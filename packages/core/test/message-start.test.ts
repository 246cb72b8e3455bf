import { describe, expect, it } from 'vitest';
import { encodeMessage, firstFrame } from '../src/message-start.ts';
import { purePrimitives } from '../src/primitives.ts';
import { fromHex, toHex } from './hex.ts';

describe("the start of a message's first frame", () => {
  it.each([
    [true, false, true, { fin: true, rsv: 0, opcode: 1 }],
    [false, false, true, { fin: true, rsv: 0, opcode: 2 }],
    [true, true, true, { fin: true, rsv: 4, opcode: 1 }],
    [false, true, false, { fin: false, rsv: 4, opcode: 2 }],
  ])('text: %s, compressed: %s, fin: %s', (text, compressed, fin, start) => {
    expect(firstFrame({ text, compressed }, fin)).toEqual(start);
  });
});

describe('a message as one frame', () => {
  it('has no masking key, and RSV1 where it is compressed (RFC 7692 §7.2.3.1)', () => {
    const plain = encodeMessage(
      fromHex('48 69'),
      { text: true, compressed: false },
      purePrimitives,
    );
    expect(toHex(plain)).toBe('81 02 48 69');
    const deflated = encodeMessage(
      fromHex('f2 48 cd c9 c9 07 00'),
      { text: true, compressed: true },
      purePrimitives,
    );
    expect(toHex(deflated)).toBe('c1 07 f2 48 cd c9 c9 07 00');
  });
});

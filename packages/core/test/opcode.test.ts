import { describe, expect, it } from 'vitest';
import { isControl, isOpcode, Opcode } from '../src/opcode.ts';

const ALL_FOUR_BITS = Array.from({ length: 16 }, (_, value) => value);

describe('RFC 6455 §5.2 and §11.8, opcodes', () => {
  it('are six', () => {
    expect(Opcode).toEqual({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 });
    expect(ALL_FOUR_BITS.filter(isOpcode)).toEqual([0, 1, 2, 8, 9, 10]);
  });

  it('are control frames from 8 on', () => {
    expect(ALL_FOUR_BITS.filter(isControl)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  });
});

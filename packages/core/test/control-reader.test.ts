import { describe, expect, it } from 'vitest';
import { ControlReader } from '../src/control-reader.ts';
import { Opcode } from '../src/opcode.ts';
import { purePrimitives } from '../src/primitives.ts';
import { fromHex } from './hex.ts';

describe("a control frame's payload data", () => {
  it('is put together however it was cut, in memory of its own', () => {
    const reader = new ControlReader(purePrimitives);
    const piece = fromHex('01 02');
    expect(reader.take(Opcode.Ping, piece, 2)).toBeUndefined();
    piece.fill(0);
    expect(reader.retainedBytes).toBe(4 + 128);
    expect(reader.take(Opcode.Ping, fromHex(''), 2)).toBeUndefined();
    expect(reader.take(Opcode.Ping, fromHex('03 04'), 0)).toEqual(fromHex('01 02 03 04'));
    expect(reader.retainedBytes).toBe(0);
    expect(reader.take(Opcode.Pong, fromHex(''), 0)).toEqual(fromHex(''));
  });

  it('of a close frame is judged at each piece (§5.5.1, §7.4)', () => {
    const invalid = expect.objectContaining({ code: 'WS_CLOSE_CODE_INVALID' });
    const reader = new ControlReader(purePrimitives);
    expect(reader.take(Opcode.Close, fromHex('03'), 5)).toBeUndefined();
    expect(() => reader.take(Opcode.Close, fromHex('ed'), 4)).toThrow(invalid);
  });

  it('can be forgotten', () => {
    const reader = new ControlReader(purePrimitives);
    reader.take(Opcode.Ping, fromHex('01'), 1);
    reader.discard();
    expect(reader.retainedBytes).toBe(0);
    expect(reader.take(Opcode.Ping, fromHex('02'), 0)).toEqual(fromHex('02'));
  });
});

import { describe, expect, it } from 'vitest';
import { FrameEncoder } from '../src/frame-encoder.ts';
import type { MessageStart } from '../src/message-start.ts';
import { MessageWriter, startOf } from '../src/message-writer.ts';
import { Opcode } from '../src/opcode.ts';
import { purePrimitives } from '../src/primitives.ts';
import { Slab } from '../src/slab.ts';
import { fromHex, joinBytes, toHex } from './hex.ts';

function create() {
  const encoder = new FrameEncoder(new Slab(purePrimitives), purePrimitives, undefined);
  const outputs: number[] = [];
  const writer = new MessageWriter(encoder, {
    output: () => void outputs.push(encoder.byteLength),
  });
  return { writer, outputs, written: () => toHex(joinBytes(encoder.take())) };
}

const BINARY: MessageStart = { text: false, compressed: false };

describe('RFC 7692 §6, RSV1', () => {
  it('is on the one frame of a compressed message', () => {
    const { writer, written } = create();
    writer.deflated(fromHex('f2 48 cd c9 c9 07 00'), true);
    expect(written()).toBe('c1 07 f2 48 cd c9 c9 07 00');
    writer.deflated(fromHex('00'), false);
    expect(written()).toBe('c2 01 00');
  });

  it('is on the first fragment only', () => {
    const { writer, written } = create();
    const start = { text: true, compressed: true };
    writer.fragment(fromHex('f2 48 cd'), false, start);
    writer.fragment(fromHex('c9 c9'), false, start);
    writer.fragment(fromHex('07 00'), true, start);
    writer.fragment(fromHex('00'), true, start);
    expect(written()).toBe('41 03 f2 48 cd 00 02 c9 c9 80 02 07 00 c1 01 00');
  });
});

describe('RFC 6455 §5.4, the order of frames', () => {
  it('lets a control frame come between two fragments', () => {
    const { writer, written } = create();
    writer.fragment(fromHex('01'), false, BINARY);
    writer.control(Opcode.Ping, fromHex('02'));
    writer.fragment('3', true, BINARY);
    expect(written()).toBe('02 01 01 89 01 02 80 01 33');
  });

  it('lets no message come between them, in whatever form', () => {
    const { writer } = create();
    writer.fragment('a', false, startOf('a'));
    const refused = expect.objectContaining({ code: 'WS_FRAGMENT_OUT_OF_ORDER' });
    expect(() => writer.message('b', Opcode.Text)).toThrow(refused);
    expect(() => writer.deflated(fromHex('00'), true)).toThrow(refused);
    expect(() => writer.frame(fromHex('81 00'))).toThrow(refused);
    writer.fragment('c', true, startOf('c'));
    writer.message('b', Opcode.Text);
  });
});

describe('a frame that is encoded already', () => {
  it('leaves as it is, and in its place', () => {
    const { writer, written } = create();
    writer.message('a', Opcode.Text);
    writer.frame(fromHex('82 01 01'));
    writer.message('b', Opcode.Text);
    expect(written()).toBe('81 01 61 82 01 01 81 01 62');
  });
});

describe('output', () => {
  it('is told of when there was nothing before', () => {
    const { writer, outputs, written } = create();
    writer.frame(fromHex('81 00'));
    writer.message('a', Opcode.Text);
    expect(outputs).toEqual([2]);
    written();
    writer.control(Opcode.Pong, fromHex(''));
    writer.frame(fromHex('81 00'));
    expect(outputs).toEqual([2, 2]);
  });

  it('is told of for each fragment that finds nothing waiting', () => {
    const { writer, outputs, written } = create();
    writer.fragment('a', false, startOf('a'));
    expect(outputs).toEqual([3]);
    writer.fragment('b', false, startOf('b'));
    expect(outputs).toEqual([3]);
    written();
    writer.fragment('', true, startOf(''));
    expect(outputs).toEqual([3, 2]);
  });
});

describe('what a fragmented message is', () => {
  it('follows from its first fragment', () => {
    expect(startOf('')).toEqual({ text: true, compressed: false });
    expect(startOf(new Uint8Array(0))).toEqual(BINARY);
    const wrong = 1 as unknown as string;
    expect(() => startOf(wrong)).toThrow(
      expect.objectContaining({ code: 'WS_UNSUPPORTED_MESSAGE' }),
    );
  });
});

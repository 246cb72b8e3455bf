import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/byte-reader.ts';
import { formatBytes, toBytes } from '../src/bytes.ts';
import { encodeFrame, type FrameDescription, takeFrame } from '../src/frame.ts';

const unmasked = { maskingKey: false } as const;

describe('RFC 6455 §5.2 and §5.7, frames built by hand', () => {
  it.each<[string, FrameDescription, string]>([
    ['text', { ...unmasked, opcode: 1, payload: 'Hello' }, '81 05 48 65 6c 6c 6f'],
    [
      'masked text',
      { opcode: 1, payload: 'Hello', maskingKey: '37 fa 21 3d' },
      '81 85 37 fa 21 3d 7f 9f 4d 51 58',
    ],
    ['a fragment', { ...unmasked, opcode: 1, fin: false, payload: 'Hel' }, '01 03 48 65 6c'],
    ['an empty close', { ...unmasked, opcode: 8 }, '88 00'],
    ['bytes', { ...unmasked, opcode: 2, payload: Uint8Array.of(1, 2) }, '82 02 01 02'],
  ])('builds %s', (_name, frame, bytes) => {
    expect(formatBytes(encodeFrame(frame))).toBe(bytes);
  });

  it.each<[string, FrameDescription, string]>([
    ['reserved bits', { ...unmasked, opcode: 1, rsv: 7 }, 'f1 00'],
    ['a reserved opcode', { ...unmasked, opcode: 15 }, '8f 00'],
    ['a length in too many bytes', { ...unmasked, opcode: 1, lengthBytes: 2 }, '81 7e 00 00'],
    [
      'a length whose top bit is set',
      { ...unmasked, opcode: 2, claimedLength: 2n ** 63n },
      '82 7f 80 00 00 00 00 00 00 00',
    ],
    ['a ping that is too long', { ...unmasked, opcode: 9, claimedLength: 126 }, '89 7e 00 7e'],
  ])('builds what core refuses to: %s', (_name, frame, bytes) => {
    expect(formatBytes(encodeFrame(frame))).toBe(bytes);
  });

  it.each([0, 125, 126, 65_535, 65_536])('takes back a frame of %i bytes', async (length) => {
    const payload = new Uint8Array(length).map((_, index) => index);
    const stream = new PassThrough();
    stream.write(encodeFrame({ opcode: 2, payload, maskingKey: '01 02 03 04' }));
    const frame = await takeFrame(new ByteReader(stream, 1_000));
    expect(frame).toEqual({ fin: true, rsv: 0, opcode: 2, masked: true, payload });
  });

  it('takes a broken frame as it is', async () => {
    const stream = new PassThrough();
    stream.write(toBytes('73 7e 00 01 41'));
    expect(await takeFrame(new ByteReader(stream, 1_000))).toEqual({
      fin: false,
      rsv: 7,
      opcode: 3,
      masked: false,
      payload: Uint8Array.of(0x41),
    });
  });
});

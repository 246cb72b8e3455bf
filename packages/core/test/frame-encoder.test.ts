import { describe, expect, it } from 'vitest';
import { FrameEncoder } from '../src/frame-encoder.ts';
import { Opcode } from '../src/opcode.ts';
import { type Primitives, purePrimitives } from '../src/primitives.ts';
import { SLAB_BYTES, Slab } from '../src/slab.ts';
import { collectGarbage } from './garbage.ts';
import { joinBytes, toHex } from './hex.ts';
import { decodeFrames } from './reference-decoder.ts';

const TEXT = { fin: true, rsv: 0, opcode: Opcode.Text };
const BINARY = { fin: true, rsv: 0, opcode: Opcode.Binary };
const KEY = 0x37fa213d;

function serverEncoder(
  slab = new Slab(purePrimitives),
  primitives: Primitives = purePrimitives,
): FrameEncoder {
  return new FrameEncoder(slab, primitives, undefined);
}

function clientEncoder(nextMaskingKey: () => number): FrameEncoder {
  return new FrameEncoder(new Slab(purePrimitives), purePrimitives, nextMaskingKey);
}

function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7);
}

describe('RFC 6455 §5.2, frames, encoded', () => {
  it('gather in one chunk until they are taken', () => {
    const encoder = serverEncoder();
    encoder.encodeText(TEXT, 'Hi');
    encoder.encodeBinary(BINARY, Uint8Array.of(1, 2));
    expect(encoder.byteLength).toBe(8);
    expect(encoder.take().map(toHex)).toEqual(['81 02 48 69 82 02 01 02']);
    expect(encoder.byteLength).toBe(0);
    expect(encoder.take()).toEqual([]);
  });

  it('are never masked without a key', () => {
    const applyMask = () => expect.fail('masked');
    const encoder = serverEncoder(undefined, { ...purePrimitives, applyMask });
    encoder.encodeText(TEXT, 'Hi');
    encoder.encodeBinary(BINARY, Uint8Array.of(1, 2));
    expect(encoder.take().map(toHex)).toEqual(['81 02 48 69 82 02 01 02']);
  });

  it('go on behind what has been taken, without touching it', () => {
    const encoder = serverEncoder();
    encoder.encodeText(TEXT, 'a');
    const first = encoder.take();
    encoder.encodeText(TEXT, 'b');
    expect(encoder.take().map(toHex)).toEqual(['81 01 62']);
    expect(first.map(toHex)).toEqual(['81 01 61']);
  });

  it('take the place of what was given back, and of nothing that waits', () => {
    const slab = new Slab(purePrimitives);
    const [one, other] = [serverEncoder(slab), serverEncoder(slab)];
    one.encodeText(TEXT, 'waits');
    other.encodeText(TEXT, 'gone');
    const [gone] = other.take();
    other.giveBack(gone ?? new Uint8Array());
    other.encodeText(TEXT, 'next');
    const next = other.take();
    expect(next[0]?.byteOffset).toBe(gone?.byteOffset);
    one.encodeText(TEXT, 'too');
    expect(one.take().map(toHex)).toEqual(['81 05 77 61 69 74 73', '81 03 74 6f 6f']);
    expect(next.map(toHex)).toEqual(['81 04 6e 65 78 74']);
  });

  it('of several encoders share a slab without sharing chunks', () => {
    const slab = new Slab(purePrimitives);
    const [one, two] = [serverEncoder(slab), serverEncoder(slab)];
    one.encodeText(TEXT, 'a');
    two.encodeText(TEXT, 'b');
    one.encodeText(TEXT, 'c');
    one.encodeText(TEXT, 'd');
    expect(one.take().map(toHex)).toEqual(['81 01 61', '81 01 63 81 01 64']);
    expect(two.take().map(toHex)).toEqual(['81 01 62']);
  });

  it('go into a new slab when the old one is full', () => {
    const encoder = serverEncoder();
    for (let count = 0; count < 7; count++) encoder.encodeBinary(BINARY, countingBytes(10_000));
    const chunks = encoder.take();
    expect(chunks.map((chunk) => chunk.byteLength)).toEqual([60_024, 10_004]);
    expect(decodeFrames(joinBytes(chunks))).toHaveLength(7);
  });

  it.each([16_384, 16_385, 65_534, 65_535, 65_536, 70_000, 200_000])(
    'of %i bytes keep their order among small ones, as text and as binary, masked or not',
    (length) => {
      for (const encoder of [serverEncoder(), clientEncoder(() => KEY)]) {
        encoder.encodeText(TEXT, 'before');
        encoder.encodeBinary(BINARY, countingBytes(length));
        encoder.encodeText(TEXT, 'x'.repeat(length));
        encoder.encodeText(TEXT, 'after');
        const { byteLength } = encoder;
        const bytes = joinBytes(encoder.take());
        expect(bytes.byteLength).toBe(byteLength);
        const payloads = decodeFrames(bytes).map(({ payload }) => new Uint8Array(payload));
        const [before, binary, text, after] = payloads;
        expect(before).toEqual(new TextEncoder().encode('before'));
        expect(binary).toEqual(countingBytes(length));
        expect(text).toEqual(new Uint8Array(length).fill(0x78));
        expect(after).toEqual(new TextEncoder().encode('after'));
      }
    },
  );
});

describe('a payload of bytes', () => {
  it('is copied up to 16 KiB, so that the caller may use its memory again', () => {
    const encoder = serverEncoder();
    const payload = countingBytes(16_384);
    encoder.encodeBinary(BINARY, payload);
    payload.fill(0);
    expect(decodeFrames(joinBytes(encoder.take()))[0]?.payload).toEqual(countingBytes(16_384));
  });

  it('of more than 16 KiB is passed on as it is by a server', () => {
    const encoder = serverEncoder();
    const payload = countingBytes(16_385);
    encoder.encodeBinary(BINARY, payload);
    expect(encoder.byteLength).toBe(16_389);
    const [header, chunk] = encoder.take();
    expect(header && toHex(header)).toBe('82 7e 40 01');
    expect(chunk).toBe(payload);
  });

  it.each([10, 16_385, 100_000])('of %i bytes is masked by a client in a copy', (length) => {
    const encoder = clientEncoder(() => KEY);
    const payload = countingBytes(length);
    encoder.encodeBinary(BINARY, payload);
    expect(payload).toEqual(countingBytes(length));
    const [frame] = decodeFrames(joinBytes(encoder.take()));
    expect(frame).toMatchObject({ masked: true, payload: countingBytes(length) });
  });
});

describe('RFC 6455 §5.3, masking keys', () => {
  it('are asked for frame by frame', () => {
    let key = 0xfffffffe;
    const encoder = clientEncoder(() => ++key >>> 0);
    encoder.encodeText(TEXT, '');
    encoder.encodeBinary(BINARY, Uint8Array.of(0, 0, 0, 0));
    expect(toHex(joinBytes(encoder.take()))).toBe(
      '81 80 ff ff ff ff 82 84 00 00 00 00 00 00 00 00',
    );
  });
});

describe('frames that are encoded already', () => {
  it('are passed on by reference, in their place', () => {
    const encoder = serverEncoder();
    const frames = Uint8Array.of(0x82, 0);
    encoder.encodeText(TEXT, 'a');
    encoder.append(frames);
    encoder.encodeText(TEXT, 'b');
    expect(encoder.byteLength).toBe(8);
    const chunks = encoder.take();
    expect(chunks.map(toHex)).toEqual(['81 01 61', '82 00', '81 01 62']);
    expect(chunks[1]).toBe(frames);
  });
});

describe('what an encoder holds', () => {
  it('is no slab once its frames are taken, however long it stays idle', async () => {
    const slab = new Slab(purePrimitives);
    const idle = serverEncoder(slab);
    idle.encodeText(TEXT, 'Hello');
    const slabMemory = new WeakRef(slab.bytes);
    idle.take();
    // Others fill the slab, and it is left behind.
    slab.reserve(SLAB_BYTES);
    await collectGarbage();
    expect(slabMemory.deref()).toBeUndefined();
    idle.encodeText(TEXT, 'again');
    expect(idle.take().map(toHex)).toEqual(['81 05 61 67 61 69 6e']);
  });

  it('is no large frame once it is taken', async () => {
    const encoder = clientEncoder(() => KEY);
    encoder.encodeBinary(BINARY, countingBytes(100_000));
    const memory = new WeakRef(encoder.take()[0] ?? {});
    await collectGarbage();
    expect(memory.deref()).toBeUndefined();
    expect(encoder.byteLength).toBe(0);
  });

  it.each([
    ['a frame in the slab', 'x'],
    ['a large frame', 'x'.repeat(SLAB_BYTES)],
  ])('stays right if there is no memory for %s', (_, text) => {
    let memory = false;
    const primitives: Primitives = {
      ...purePrimitives,
      allocate(byteLength) {
        if (!memory) throw new RangeError('Array buffer allocation failed');
        return new Uint8Array(byteLength);
      },
    };
    const encoder = serverEncoder(new Slab(primitives), primitives);
    expect(() => encoder.encodeText(TEXT, text)).toThrow(RangeError);
    expect(encoder.byteLength).toBe(0);
    expect(encoder.take()).toEqual([]);
    memory = true;
    encoder.encodeText(TEXT, text);
    expect(decodeFrames(joinBytes(encoder.take()))).toHaveLength(1);
  });
});

import { Protocol } from '@heddle/core';
import { describe, expect, it, vi } from 'vitest';
import { Deflater } from '../../src/compression/deflater.ts';
import { prepare } from '../../src/connection/prepared-message.ts';
import { compressionOf, Transmitter } from '../../src/connection/transmitter.ts';
import type { CompressionOptions } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';
import { agree, framesOf, prose } from '../compressed.ts';
import { atOnce } from '../fast-paths-at-work.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const SYNC_BYTES = 2 ** 14;

/** A transmitter, and the frames that it has made so far. */
function open(
  options: { compression?: boolean | CompressionOptions; role?: 'client' | 'server' } = {},
) {
  const { compression = true, role = 'server' } = options;
  const nothing = () => {};
  const protocol = new Protocol(
    { role, ...(role === 'client' && { nextMaskingKey: () => 0x01020304 }) },
    {
      message: nothing,
      ping: nothing,
      pong: nothing,
      close: nothing,
      fail: nothing,
      output: nothing,
      end: nothing,
    },
  );
  const resolved = resolveOptions({ compression }).compression;
  const [deflate] = agree(compression)[role];
  const transmitter = new Transmitter(protocol, role, compressionOf(deflate, resolved));
  const frames = () => framesOf(Buffer.concat(protocol.takeOutput()));
  return { transmitter, protocol, frames };
}

describe('A transmitter', () => {
  it('holds a window from the first compressed message on, at most half of what it may', async () => {
    const options = { level: 9, memLevel: 9, serverMaxWindowBits: 15 } as const;
    const { transmitter } = open({ compression: options });
    expect(transmitter.retainedBytes).toBe(0);
    await atOnce(transmitter.transmit(prose(2_000), true));
    // The inflater's window is 2^15 bytes, too.
    expect(transmitter.retainedBytes).toBeGreaterThan(2 ** 18);
    expect(transmitter.retainedBytes + 2 ** 15 + 2 ** 14 + 128).toBeLessThan(2 ** 19);
    transmitter.close();
    expect(transmitter.retainedBytes).toBe(0);
    expect(open({ compression: false }).transmitter.retainedBytes).toBe(0);
  });
});

describe('compressionOf', () => {
  const [deflate] = agree({ serverMaxWindowBits: 10 }).server;

  it('is how a connection compresses: what was agreed on, and what was chosen', () => {
    const { compression } = resolveOptions({
      compression: { thresholdBytes: 5, level: 1, memLevel: 2 },
    });
    expect(compressionOf(deflate, compression)).toEqual({
      deflater: expect.any(Deflater),
      form: { windowBits: 10, level: 1, memLevel: 2 },
      thresholdBytes: 5,
    });
  });

  it('is nothing where nothing was agreed on, or wanted', () => {
    const { compression } = resolveOptions({ compression: true });
    expect(compressionOf(undefined, compression)).toBeUndefined();
    expect(compressionOf(deflate, false)).toBeUndefined();
  });

  it('is nothing where our window would be smaller than zlib can', () => {
    const { compression } = resolveOptions({ compression: true });
    if (deflate === undefined) throw new Error('no agreement');
    expect(compressionOf({ ...deflate, compressor: undefined }, compression)).toBeUndefined();
  });
});

describe('A message', () => {
  it('goes as it is without compression', () => {
    const { transmitter, frames } = open({ compression: false });
    const text = prose(5_000);
    expect(transmitter.transmit(text, true)).toBeUndefined();
    expect(transmitter.transmit(Buffer.from(text), true)).toBeUndefined();
    expect(transmitter.transmit(prepare(text), true)).toBeUndefined();
    const payload = Buffer.from(text);
    expect(frames()).toEqual([
      { fin: true, rsv: 0, opcode: 1, payload },
      { fin: true, rsv: 0, opcode: 2, payload },
      { fin: true, rsv: 0, opcode: 1, payload },
    ]);
    transmitter.close();
  });

  it.each([
    ['text', 'x'.repeat(1_023), 'x'.repeat(1_024)],
    ['text, in bytes', 'é'.repeat(511), 'é'.repeat(512)],
    ['bytes', Buffer.alloc(1_023), Buffer.alloc(1_024)],
    ['prepared text', prepare('é'.repeat(511)), prepare('é'.repeat(512))],
  ])('is compressed from the threshold on: %s', async (_, below, at) => {
    const { transmitter, frames } = open();
    transmitter.transmit(below, true);
    await atOnce(transmitter.transmit(at, true));
    transmitter.transmit(at, false);
    expect(frames().map(({ rsv }) => rsv)).toEqual([0, 4, 0]);
  });

  it.each([
    ['text', ''],
    ['bytes', Buffer.alloc(0)],
    ['prepared', prepare('')],
  ])('of nothing is one byte, RFC 7692 §7.2.3.6, where there is no threshold: %s', (_, nothing) => {
    const { transmitter, frames } = open({ compression: { thresholdBytes: 0 } });
    expect(transmitter.transmit(nothing, true)).toBeUndefined();
    expect(frames()).toMatchObject([{ rsv: 4, payload: Buffer.of(0) }]);
  });

  it('that takes long is compressed by another thread', async () => {
    const { transmitter, frames } = open();
    await atOnce(transmitter.transmit(Buffer.alloc(SYNC_BYTES), true));
    expect(frames()).toHaveLength(1);
    for (const large of [
      Buffer.alloc(SYNC_BYTES + 1),
      'x'.repeat(SYNC_BYTES + 1),
      prepare(prose(20_000)),
    ]) {
      const transmitted = transmitter.transmit(large, true);
      expect(transmitted).toBeInstanceOf(Promise);
      expect(frames()).toEqual([]);
      await transmitted;
      expect(frames()).toMatchObject([{ rsv: 4 }]);
    }
    // What was prepared is ready from then on.
    const prepared = prepare(prose(20_000));
    await transmitter.transmit(prepared, true);
    expect(transmitter.transmit(prepared, true)).toBeUndefined();
    const [first, second] = frames();
    expect(first).toEqual(second);
  });

  it('that is prepared is the frame itself for a server, and masked by a client', async () => {
    const prepared = prepare(prose(2_000));
    const server = open();
    await atOnce(server.transmitter.transmit(prepared, true));
    server.transmitter.transmit(prepared, false);
    const [deflated, plain] = server.protocol.takeOutput();
    expect(plain).toBe(prepared.frame);
    const client = open({ role: 'client' });
    await client.transmitter.transmit(prepared, true);
    client.transmitter.transmit(prepared, false);
    const masked = Buffer.concat(client.protocol.takeOutput());
    expect(masked[1]).toBeGreaterThan(0x80);
    const expected = Buffer.concat([deflated ?? Buffer.alloc(0), prepared.frame]);
    expect(framesOf(masked)).toEqual(framesOf(expected));
  });

  it('that is prepared has the window begin anew, if it was compressed', async () => {
    const { transmitter, frames } = open();
    const text = prose(2_000);
    for (const compress of [false, true]) {
      await transmitter.transmit(text, true);
      await transmitter.transmit(prepare(prose(2_000, 50)), compress);
      await transmitter.transmit(text, true);
      const [first, , second] = frames().map(({ payload }) => payload);
      const fresh = open();
      await fresh.transmitter.transmit(text, true);
      if (compress) expect(second).toEqual(fresh.frames()[0]?.payload);
      else expect(second?.byteLength).toBeLessThan(first?.byteLength ?? 0);
    }
  });

  it('is lost with the connection', async () => {
    const { transmitter, frames } = open();
    const transmitted = transmitter.transmit(Buffer.alloc(50_000), true);
    const prepared = transmitter.transmit(prepare(prose(50_000)), false);
    expect(prepared).toBeUndefined();
    expect(frames()).toHaveLength(1);
    transmitter.close();
    await expect(transmitted).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(frames()).toEqual([]);
  });

  it('that is prepared leaves no compressor behind when the connection has ended meanwhile', async () => {
    const { transmitter, protocol, frames } = open();
    const transmitted = transmitter.transmit(prepare(prose(50_000)), true);
    transmitter.close();
    protocol.receiveEnd();
    await transmitted;
    expect(frames()).toMatchObject([]);
  });
});

describe('A fragment', () => {
  const compressed = { text: true, compressed: true };

  it('is compressed where its message is, whatever its size', async () => {
    const { transmitter, frames } = open();
    await atOnce(transmitter.transmitFragment(Buffer.from('a'), false, compressed));
    await transmitter.transmitFragment(Buffer.alloc(20_000), false, compressed);
    // The end of a message that was flushed is known without zlib.
    expect(transmitter.transmitFragment(Buffer.alloc(0), true, compressed)).toBeUndefined();
    expect(frames()).toMatchObject([
      { fin: false, rsv: 4, opcode: 1 },
      { fin: false, rsv: 0, opcode: 0 },
      { fin: true, rsv: 0, opcode: 0, payload: Buffer.of(0) },
    ]);
  });

  it('is as it is where its message is not', () => {
    const { transmitter, frames } = open();
    const start = { text: false, compressed: false };
    const spy = vi.spyOn(Deflater.prototype, 'deflate');
    expect(transmitter.transmitFragment(Buffer.from('a'), true, start)).toBeUndefined();
    expect(frames()).toEqual([{ fin: true, rsv: 0, opcode: 2, payload: Buffer.from('a') }]);
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  });
});

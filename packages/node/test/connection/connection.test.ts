import { once } from 'node:events';
import { runInNewContext } from 'node:vm';
import { serverDeflate } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { binary, close, frame, ping, readServer, text } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { openHeld, openOver, serverAndPeer } from '../open.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const closedError = { name: 'ClosedError', code: 'WS_CLOSED' };

describe('A connection', () => {
  it('knows what was negotiated, and with whom', () => {
    const transport = Object.assign(new HeldTransport(), { remoteAddress: '192.0.2.1' });
    const accepted = serverDeflate().accept([]);
    const negotiated = accepted === undefined ? [] : [accepted.extension];
    const socket = openOver(transport, {}, { subprotocol: 'chat.v2', extensions: negotiated });
    expect(socket).toMatchObject({
      subprotocol: 'chat.v2',
      extensions: ['permessage-deflate'],
      remoteAddress: '192.0.2.1',
      request: undefined,
      state: 'open',
      bufferedBytes: 0,
      latencyMs: undefined,
    });
    expect(openHeld().socket.remoteAddress).toBeUndefined();
  });

  it('has typed events', () => {
    const { socket } = openHeld();
    socket.once('message', (message) => expectTypeOf(message).toEqualTypeOf<string | Buffer>());
    socket.prependListener('ping', (payload) => expectTypeOf(payload).toEqualTypeOf<Buffer>());
    socket.prependOnceListener('error', (error) => expectTypeOf(error).toEqualTypeOf<Error>());
    socket.addListener('close', ({ code }) => expectTypeOf(code).toEqualTypeOf<number>());
    // @ts-expect-error: there is no such event.
    socket.on('messages', () => {});
  });

  it('counts a listener that is added in any way as a consumer', async () => {
    for (const method of [
      'on',
      'once',
      'addListener',
      'prependListener',
      'prependOnceListener',
    ] as const) {
      const { socket, transport } = openHeld();
      transport.delivers(text('waited'));
      await turn();
      const messages: unknown[] = [];
      socket[method]('message', (message) => messages.push(message));
      await turn();
      expect(messages).toEqual(['waited']);
      const iterated = openHeld().socket;
      void iterated[Symbol.asyncIterator]();
      const code = expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' });
      expect(() => iterated[method]('message', () => {})).toThrow(code);
      expect(iterated.listenerCount('message')).toBe(0);
    }
  });
});

describe('Messages', () => {
  it('are strings and Buffers, whole, whatever the frames and reads', async () => {
    const { socket, transport } = openHeld();
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    const large = Buffer.alloc(100_000, 7);
    const all = Buffer.concat([
      text('text'),
      binary(Buffer.from([1, 2])),
      binary(Buffer.alloc(0)),
      binary(large),
      frame({ opcode: 2, fin: false, payload: large.subarray(0, 10) }),
      ping('between'),
      frame({ opcode: 0, payload: large.subarray(10, 20) }),
    ]);
    for (let offset = 0; offset < all.byteLength; offset += 1_013) {
      transport.delivers(Buffer.from(all.subarray(offset, offset + 1_013)));
    }
    await turn();
    expect(messages).toEqual([
      'text',
      Buffer.from([1, 2]),
      Buffer.alloc(0),
      large,
      Buffer.alloc(20, 7),
    ]);
    expect(messages.slice(1).every((message) => Buffer.isBuffer(message))).toBe(true);
  });

  it('belong to the application: a small one does not pin what came with it', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([binary(Buffer.from('small')), binary(Buffer.alloc(60_000))]));
    const [small] = (await once(socket, 'message')) as [Buffer];
    // A part of Node's own pool, as all small buffers are: not of what was delivered.
    expect(small.buffer).toBe(Buffer.allocUnsafe(1).buffer);
  });

  it('may be sent as any bytes, those of another realm too', async () => {
    const { socket, transport } = openHeld();
    socket.send(new Uint8Array([1]));
    socket.send(Buffer.from([2]));
    socket.send(runInNewContext('new Uint8Array([3])') as Uint8Array);
    await turn();
    expect(readServer(transport.written)).toEqual([1, 2, 3].map((octet) => Buffer.from([octet])));
  });

  it.each([null, undefined, 1, {}, [1], new ArrayBuffer(1), new Uint16Array(1)])(
    'cannot be sent if they are neither text nor bytes: %o',
    (message) => {
      const { socket } = openHeld();
      const code = expect.objectContaining({ code: 'WS_UNSUPPORTED_MESSAGE' });
      expect(() => socket.send(message as unknown as string)).toThrow(code);
    },
  );
});

describe('send()', () => {
  it('throws after our own close()', () => {
    const { socket } = openHeld();
    void socket.close();
    const code = expect.objectContaining({ code: 'WS_SEND_AFTER_CLOSE' });
    expect(() => socket.send('late')).toThrow(code);
    expect(() => socket.send(1 as unknown as string)).toThrow('string or bytes');
  });

  it('throws after our own close() also when the connection has ended', async () => {
    const { socket, transport } = openHeld();
    const closed = socket.close();
    transport.delivers(close(1000));
    transport.push(null);
    await closed;
    expect(() => socket.send('late')).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });

  it('returns false once the peer has closed: that is no mistake of ours', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(close(1000));
    await turn();
    expect(socket.send('dropped')).toBe(false);
    transport.push(null);
    await socket.closed;
    expect(socket.send('dropped')).toBe(false);
  });

  it('returns false once the network has ended the connection, and when the peer failed', async () => {
    const [first, second] = [openHeld(), openHeld()];
    first.transport.destroy(new Error('reset'));
    await first.socket.closed;
    second.transport.delivers(Buffer.from('ff', 'hex'));
    await turn();
    expect(first.socket.send('dropped')).toBe(false);
    expect(second.socket.send('dropped')).toBe(false);
  });
});

describe('drained()', () => {
  it('resolves at once where nothing waits, and not before the kernel has all', async () => {
    const { socket, transport } = openHeld();
    expect(await settled(socket.drained())).toBeUndefined();
    transport.block();
    socket.send('one');
    const drained = [socket.drained(), socket.drained()];
    expect(await settled(Promise.race(drained))).toBe('pending');
    transport.unblock();
    await Promise.all(drained);
    expect(socket.bufferedBytes).toBe(0);
  });

  it('resolves after our own close() when the close frame has left', async () => {
    const { socket, transport } = openHeld();
    transport.block();
    socket.send('one');
    void socket.close();
    const drained = socket.drained();
    expect(await settled(drained)).toBe('pending');
    transport.unblock();
    await drained;
    expect(readServer(transport.written)).toEqual(['one', ['close', 1000, '']]);
  });

  it('rejects where the peer closed, failed or was lost, though nothing waits', async () => {
    const ends: Record<string, (transport: HeldTransport) => void> = {
      closed: (transport) => transport.delivers(close(1000)),
      failed: (transport) => transport.delivers(Buffer.from('ff', 'hex')),
      ended: (transport) => transport.push(null),
      lost: (transport) => transport.destroy(),
    };
    for (const end of Object.values(ends)) {
      const { socket, transport } = openHeld();
      end(transport);
      await turn();
      // Else `while (!socket.send(message)) await socket.drained()` would never end.
      expect(socket.send('dropped')).toBe(false);
      await expect(socket.drained()).rejects.toMatchObject(closedError);
    }
  });

  it('rejects if the connection ends before the kernel has all', async () => {
    const { socket, transport } = openHeld();
    transport.block();
    socket.send('one');
    const drained = socket.drained();
    transport.destroy();
    await expect(drained).rejects.toMatchObject(closedError);
  });

  it('is no unhandled rejection where nobody looks', async () => {
    const { socket, transport } = openHeld();
    transport.block();
    socket.send('one');
    void socket.drained();
    void socket.ping();
    socket.destroy();
    await socket.closed;
    void socket.drained();
    void socket.ping();
    await turn();
  });
});

describe('ping()', () => {
  it('measures the round trip', async () => {
    const { socket, peer } = await serverAndPeer();
    const pinged = socket.ping();
    const { opcode, payload } = await peer.receivesFrame();
    expect(opcode).toBe(9);
    peer.sendsFrame({ opcode: 10, payload });
    const latencyMs = await pinged;
    expect(latencyMs).toBeGreaterThan(0);
    expect(socket.latencyMs).toBe(latencyMs);
  });

  it('tells of pings and pongs that come', async () => {
    const { socket, transport } = openHeld();
    const told: unknown[] = [];
    socket.on('ping', (payload) => told.push(['ping', payload.toString()]));
    socket.on('pong', (payload) => told.push(['pong', payload.toString()]));
    transport.delivers(Buffer.concat([ping('1'), frame({ opcode: 10, payload: '2' }), ping()]));
    await turn();
    expect(told).toEqual([
      ['ping', '1'],
      ['pong', '2'],
      ['ping', ''],
    ]);
  });

  it('rejects in every state but open, and when the connection ends', async () => {
    const { socket, transport } = openHeld();
    const pinged = socket.ping();
    void socket.close();
    await expect(socket.ping()).rejects.toMatchObject(closedError);
    expect(await settled(pinged)).toBe('pending');
    transport.delivers(close(1000));
    transport.push(null);
    await socket.closed;
    await expect(pinged).rejects.toMatchObject(closedError);
    await expect(socket.ping()).rejects.toMatchObject(closedError);
  });
});

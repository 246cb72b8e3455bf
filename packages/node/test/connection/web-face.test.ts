import type { IncomingMessage } from 'node:http';
import { TransformStream } from 'node:stream/web';
import { describe, expect, it, vi } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { toWeb } from '../../src/connection/web-face.ts';
import { close, readServer, text } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { connectionsOverTcp, openHeld, openOver } from '../open.ts';
import { atRest, settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const webSocketError = { name: 'WebSocketError', code: 'WS_CLOSED', closeCode: 1006, reason: '' };

describe('A connection in the shape of WebSocketStream', () => {
  it('is open at once, and says what was negotiated, and where', async () => {
    const transport = new HeldTransport();
    const request = { url: '/chat?room=1', socket: transport } as unknown as IncomingMessage;
    const web = toWeb(openOver(transport, {}, { subprotocol: 'chat.v2', request }));
    expect(web.url).toBe('/chat?room=1');
    expect(await web.opened).toMatchObject({ extensions: '', protocol: 'chat.v2' });
    const other = toWeb(connectionPair({ compression: true })[1]);
    expect(other.url).toBe('');
    expect(await other.opened).toMatchObject({ extensions: 'permessage-deflate', protocol: '' });
  });

  it('is the only consumer', () => {
    const { socket } = openHeld();
    toWeb(socket);
    expect(() => toWeb(socket)).toThrow(expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' }));
  });

  it('closes with what close() is given, and with 1000', async () => {
    const [client, server] = connectionPair();
    const web = toWeb(server);
    const code = expect.objectContaining({ code: 'WS_INVALID_CLOSE_CODE' });
    expect(() => web.close({ closeCode: 1005 })).toThrow(code);
    web.close({ closeCode: 4001, reason: 'enough' });
    expect(await client.closed).toMatchObject({ code: 4001, reason: 'enough' });
    expect(await web.closed).toEqual({ closeCode: 4001, reason: '' });
    const [peer, other] = connectionPair();
    toWeb(other).close();
    expect(await peer.closed).toMatchObject({ code: 1000, reason: '' });
  });

  it('tells how the peer has closed', async () => {
    const [client, server] = connectionPair();
    const web = toWeb(server);
    void client.close(4002, 'bye');
    expect(await web.closed).toEqual({ closeCode: 4002, reason: 'bye' });
  });

  it('is no unhandled rejection when the end is not clean and nobody looks', async () => {
    const [client, server] = connectionPair();
    const { closed } = toWeb(server);
    client.destroy();
    const { error } = await server.closed;
    await turn();
    await expect(closed).rejects.toMatchObject({ ...webSocketError, cause: error });
    await expect(closed).rejects.toBeInstanceOf(Error);
  });
});

describe('Its readable', () => {
  it('gives strings and plain Uint8Arrays, and closes', async () => {
    const [client, server] = connectionPair();
    const { readable } = await toWeb(server).opened;
    client.send('text');
    client.send(Buffer.from([1, 2]));
    void client.close();
    const read: unknown[] = [];
    for await (const message of readable) read.push(message);
    expect(read).toEqual(['text', new Uint8Array([1, 2])]);
    expect(Buffer.isBuffer(read[1])).toBe(false);
  });

  it('takes nothing before somebody reads', async () => {
    const { client, server } = await connectionsOverTcp({
      client: { limits: { maxBufferedBytes: 2 ** 28 } },
    });
    const { readable } = await toWeb(server).opened;
    const message = Buffer.alloc(100_000);
    for (let index = 0; index < 200; index++) client.send(message);
    expect(await atRest(() => client.bufferedBytes)).toBeGreaterThan(1_000_000);
    let read = 0;
    for await (const _ of readable) if (++read === 200) break;
    expect(client.bufferedBytes).toBe(0);
  });

  it('asks for one message when it is asked for one', async () => {
    const { socket, transport } = openHeld();
    const iterator = socket[Symbol.asyncIterator]();
    const next = vi.spyOn(iterator, 'next');
    vi.spyOn(socket, Symbol.asyncIterator).mockReturnValue(iterator);
    const { readable } = await toWeb(socket).opened;
    transport.delivers(Buffer.concat([text('one'), text('two')]));
    await turn();
    expect(next).not.toHaveBeenCalled();
    expect(await readable.getReader().read()).toEqual({ value: 'one', done: false });
    await turn();
    expect(next).toHaveBeenCalledOnce();
  });

  it('gives what had come before an end that is not clean, and then the error', async () => {
    const { socket, transport } = openHeld();
    const { readable } = await toWeb(socket).opened;
    transport.delivers(Buffer.concat([text('one'), text('two')]));
    await turn();
    transport.destroy();
    await socket.closed;
    const reader = readable.getReader();
    expect((await reader.read()).value).toBe('one');
    expect((await reader.read()).value).toBe('two');
    await expect(reader.read()).rejects.toMatchObject(webSocketError);
  });

  it.each([
    [undefined, 1000, ''],
    [new Error('mine'), 1000, ''],
    [{ closeCode: 4001, reason: 'enough' }, 4001, 'enough'],
    [{ closeCode: 1006 }, 1000, ''],
    [{ reason: 'x'.repeat(200) }, 1000, ''],
  ])('closes when it is cancelled with %o', async (reason, code, words) => {
    const [client, server] = connectionPair();
    const { readable } = await toWeb(server).opened;
    await readable.cancel(reason);
    expect(await client.closed).toMatchObject({ code, reason: words });
  });
});

describe('Its writable', () => {
  it('sends strings as text, bytes in any view as binary, and nothing else', async () => {
    const [client, server] = connectionPair();
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    const writer = (await toWeb(server).opened).writable.getWriter();
    await writer.write('text');
    await writer.write(new Uint8Array([0, 1]).subarray(1));
    await writer.write(Buffer.from([2]));
    await writer.write(new Uint16Array([3]));
    await writer.write(new Uint8Array([4]).buffer);
    const bytes = [[1], [2], [3, 0], [4]].map((octets) => Buffer.from(octets));
    await expect.poll(() => received).toEqual(['text', ...bytes]);
    const wrong = writer.write(5 as never);
    await expect(wrong).rejects.toMatchObject({ code: 'WS_UNSUPPORTED_MESSAGE' });
  });

  it('has its own copy of what was written', async () => {
    const { socket, transport } = openHeld({ limits: { highWaterMarkBytes: 2 ** 20 } });
    const writer = (await toWeb(socket).opened).writable.getWriter();
    for (const bytes of [new Uint8Array(40_000), Buffer.alloc(40_000), new ArrayBuffer(40_000)]) {
      transport.block();
      void socket.send('first');
      await turn();
      await writer.write(bytes);
      new Uint8Array(ArrayBuffer.isView(bytes) ? bytes.buffer : bytes).fill(9);
      transport.unblock();
    }
    await socket.drained();
    const sent = readServer(transport.written).filter((message) => message !== 'first');
    expect(sent.map((message) => (message as Buffer).includes(9))).toEqual([false, false, false]);
  });

  it('waits while the kernel takes nothing', async () => {
    const { socket, transport } = openHeld();
    const writer = (await toWeb(socket).opened).writable.getWriter();
    transport.block();
    const written = writer.write(Buffer.alloc(100_000));
    void writer.write(Buffer.alloc(100_000));
    expect(await settled(written)).toBe('pending');
    expect(socket.bufferedBytes).toBeLessThan(200_000);
    transport.unblock();
    await written;
  });

  it('closes with 1000, and waits until the connection has closed', async () => {
    const { socket, transport } = openHeld();
    const writer = (await toWeb(socket).opened).writable.getWriter();
    void writer.write('last');
    const closed = writer.close();
    expect(await settled(closed)).toBe('pending');
    expect(readServer(transport.written)).toEqual(['last', ['close', 1000, '']]);
    transport.delivers(close(1000));
    transport.push(null);
    await closed;
    expect(socket.state).toBe('closed');
  });

  it('does not say that it has closed if the peer was lost meanwhile', async () => {
    const { socket, transport } = openHeld();
    const writer = (await toWeb(socket).opened).writable.getWriter();
    const closed = writer.close().catch((error: unknown) => error);
    await turn();
    transport.destroy();
    expect(await closed).toMatchObject(webSocketError);
  });

  it.each([
    [new Error('mine'), 1011, ''],
    [{ closeCode: 4001, reason: 'enough' }, 4001, 'enough'],
  ])('closes when it is aborted with %o', async (reason, code, words) => {
    const [client, server] = connectionPair();
    const { writable } = await toWeb(server).opened;
    await writable.abort(reason);
    expect(await client.closed).toMatchObject({ code, reason: words });
  });

  it('closes at once when it is aborted, though a write waits for the peer', async () => {
    const { socket, transport } = openHeld({ closingTimeoutMs: 20 });
    const writer = (await toWeb(socket).opened).writable.getWriter();
    transport.block();
    const written = writer.write(Buffer.alloc(100_000)).catch((error: unknown) => error);
    await turn();
    const aborted = writer.abort();
    await turn();
    expect(socket.state).not.toBe('open');
    await aborted;
    expect(await written).toMatchObject({ code: 'WS_CLOSED' });
  });

  it('fails when the connection ends, though nobody writes', async () => {
    const [client, server] = connectionPair();
    const piped = pipedInto((await toWeb(server).opened).writable);
    void client.close();
    await expect(piped).rejects.toMatchObject({ name: 'ClosedError' });
    const [lost, other] = connectionPair();
    const stopped = pipedInto((await toWeb(other).opened).writable);
    lost.destroy();
    await expect(stopped).rejects.toMatchObject(webSocketError);
  });
});

describe('Its two streams', () => {
  it('make an echo, piped into each other', async () => {
    const [client, server] = connectionPair();
    const { readable, writable } = await toWeb(server).opened;
    const piped = readable.pipeTo(writable).catch((error: unknown) => error);
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    client.send('one');
    client.send(Buffer.from([2]));
    await expect.poll(() => received).toEqual(['one', Buffer.from([2])]);
    await client.close();
    await piped;
    expect(server.state).toBe('closed');
  });
});

/** Pipes a stream that never has anything. */
function pipedInto(writable: object): Promise<void> {
  return new TransformStream().readable.pipeTo(writable as WritableStream);
}

type WritableStream = TransformStream['writable'];

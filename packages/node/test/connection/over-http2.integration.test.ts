import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { ScriptedPeer } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { openOver } from '../open.ts';
import { StreamServer } from '../stream-server.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const clean = { wasClean: true, error: undefined };

/** A client's connection, and the stream that the server has of it. */
async function clientAndStream(
  options: ConnectOptions = {},
): Promise<{ client: Connection; stream: ServerHttp2Stream; server: StreamServer }> {
  const server = await StreamServer.start((stream) => stream.respond());
  const client = await connect(server.url, { http: 2, ...options });
  onTestFinished(() => client.destroy());
  const [stream] = server.streams;
  if (stream === undefined) throw new Error('no stream');
  return { client, stream, server };
}

async function connectionsOverHttp2(
  options: ConnectOptions = {},
): Promise<{ client: Connection; server: Connection }> {
  const { client, stream } = await clientAndStream(options);
  return { client, server: openOver(stream, options) };
}

describe('A connection over HTTP/2', () => {
  it('carries messages of every size both ways, and closes cleanly', async () => {
    const { client, server } = await connectionsOverHttp2();
    server.on('message', (message) => server.send(message));
    for (const byteLength of [0, 1, 125, 126, 16_384, 65_535, 65_536, 1_000_000]) {
      const message = Buffer.alloc(byteLength, byteLength);
      client.send(message);
      expect(await once(client, 'message')).toEqual([message]);
    }
    expect(await client.close(4_000, 'done')).toEqual({ code: 4_000, reason: '', ...clean });
    expect(await server.closed).toEqual({ code: 4_000, reason: 'done', ...clean });
  });

  it('closes cleanly where the server starts it, behind what it has sent', async () => {
    const { client, server } = await connectionsOverHttp2({
      limits: { maxBufferedBytes: 2 ** 24 },
    });
    let received = 0;
    client.on('message', (message) => {
      received += message.length;
    });
    for (let index = 0; index < 100; index++) server.send('x'.repeat(50_000));
    expect(await server.close(1001)).toEqual({ code: 1001, reason: '', ...clean });
    expect(received).toBe(5_000_000);
    expect((await client.closed).wasClean).toBe(true);
  });

  it('sends what one turn sends in one DATA frame', async () => {
    const { client, stream } = await clientAndStream();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (let index = 0; index < 100; index++) client.send('hello');
    await until(() => Buffer.concat(chunks).byteLength === 1_100, 'everything');
    expect(chunks).toHaveLength(1);
  });

  it.each(['client', 'server'] as const)('holds the peer of a %s back in a loop', async (role) => {
    const both = await connectionsOverHttp2({ limits: { maxBufferedBytes: 2 ** 26 } });
    const [reader, writer] =
      role === 'client' ? [both.client, both.server] : [both.server, both.client];
    for (let index = 0; index < 1_500; index++) writer.send(Buffer.alloc(10_000));
    let taken = 0;
    for await (const _ of reader) {
      if (++taken === 1) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        const waiting = writer.bufferedBytes;
        expect(waiting).toBeGreaterThan(14_000_000);
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(writer.bufferedBytes).toBe(waiting);
      }
      if (taken === 1_500) break;
    }
    await writer.drained();
    expect(writer.bufferedBytes).toBe(0);
  });

  it('that does not read holds nobody else up in the same session', async () => {
    const server = await StreamServer.start((stream) => stream.respond());
    const open = () => connect(server.url, { http: 2 });
    const clients = [await open(), await open(), await open()];
    for (const client of clients) onTestFinished(() => client.destroy());
    const limits = { maxBufferedBytes: 2 ** 26 };
    const [slow, fast] = clients;
    const [slowServer, fastServer] = server.streams.map((stream) => openOver(stream, { limits }));
    slow?.pause();
    for (let index = 0; index < 1_000; index++) slowServer?.send(Buffer.alloc(10_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    let received = 0;
    fast?.on('message', (message) => {
      received += message.length;
    });
    for (let index = 0; index < 1_000; index++) fastServer?.send(Buffer.alloc(10_000));
    await until(() => received === 10_000_000, 'what the fast one is sent');
    expect(slowServer?.bufferedBytes).toBeGreaterThan(9_000_000);
    expect(server.transports).toHaveLength(1);
  });

  it('tells of drained and drain', async () => {
    const { client, server } = await connectionsOverHttp2();
    server.resume();
    let drains = 0;
    client.on('drain', () => drains++);
    while (client.send('x'.repeat(50_000))) {}
    await client.drained();
    await turn();
    expect(drains).toBe(1);
    expect(client.bufferedBytes).toBe(0);
  });

  it('measures the round trip, and is probed by the heartbeat', async () => {
    const { client, stream } = await clientAndStream({
      heartbeat: { intervalMs: 30, timeoutMs: 60 },
    });
    const answering = openOver(stream, { heartbeat: false });
    expect(await client.ping()).toBeGreaterThan(0);
    await once(answering, 'ping');
    expect(client.state).toBe('open');
    stream.removeAllListeners('data');
    expect((await client.closed).error).toMatchObject({ code: 'WS_HEARTBEAT_TIMEOUT' });
    await until(() => stream.destroyed, 'the end of the stream');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  it('is dropped by destroy() with RST_STREAM and CANCEL, RFC 8441 §5, on both sides', async () => {
    const { client, stream, server } = await clientAndStream();
    const accepted = openOver(stream);
    client.destroy(new Error('enough'));
    expect(await client.closed).toMatchObject({ code: 1006, error: new Error('enough') });
    expect(await accepted.closed).toMatchObject({ code: 1006, wasClean: false });
    expect((await accepted.closed).error).toMatchObject({ code: 'WS_CLOSED_WITHOUT_HANDSHAKE' });
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    await expect.poll(() => server.open).toBe(0);

    const other = await connectionsOverHttp2();
    other.server.destroy();
    expect((await other.client.closed).error).toMatchObject({
      code: 'WS_CLOSED_WITHOUT_HANDSHAKE',
    });
  });

  it.each([
    [constants.NGHTTP2_CANCEL, 'WS_CLOSED_WITHOUT_HANDSHAKE'],
    [constants.NGHTTP2_INTERNAL_ERROR, 'ERR_HTTP2_STREAM_ERROR'],
  ])('that the peer resets with %i closes with 1006 and %s', async (reset, code) => {
    const { client, stream } = await clientAndStream();
    client.send('what is on its way');
    stream.close(reset);
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false, error: { code } });
    await expect(client.drained()).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(client.send('no more')).toBe(false);
  });

  it('delivers what came before the peer reset it', async () => {
    const server = await StreamServer.start((stream) => {
      stream.respond();
      stream.write(Buffer.from('81026869', 'hex'), () => stream.close(constants.NGHTTP2_CANCEL));
    });
    const client = await connect(server.url, { http: 2 });
    const messages: unknown[] = [];
    client.on('message', (message) => messages.push(message));
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(messages).toEqual(['hi']);
  });

  it('ends at once where the peer reset the stream before the connection was made', async () => {
    const { client, stream } = await clientAndStream();
    client.destroy();
    await until(() => stream.closed, 'the reset');
    expect(await openOver(stream).closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('ends when the peer ends its half', async () => {
    const { client, stream } = await clientAndStream();
    new ScriptedPeer(stream, { role: 'server' }).end();
    expect((await client.closed).error).toMatchObject({ code: 'WS_CLOSED_WITHOUT_HANDSHAKE' });
  });

  it('drops a peer that does not finish the closing handshake', async () => {
    const { client, stream, server } = await clientAndStream({ closingTimeoutMs: 50 });
    const peer = new ScriptedPeer(stream, { role: 'server' });
    expect((await client.close()).error).toMatchObject({ code: 'WS_CLOSING_TIMEOUT' });
    expect((await peer.receivesFrame()).opcode).toBe(8);
    await expect.poll(() => server.open).toBe(0);
  });

  it('drops a peer that takes nothing', async () => {
    const { client, stream } = await clientAndStream({ closingTimeoutMs: 50 });
    stream.pause();
    for (let index = 0; client.state === 'open'; index++) {
      client.send('x'.repeat(60_000));
      if (index % 10 === 0) await turn();
    }
    expect((await client.closed).error).toMatchObject({ code: 'WS_SLOW_CONSUMER' });
  });
});

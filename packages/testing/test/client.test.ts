import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { selfSignedCertificate } from '../src/certificate.ts';
import { openClient } from '../src/client.ts';
import { ScriptedServer } from '../src/scripted-server.ts';

/** Sizes at which the length field changes its form (§5.2), and a large one. */
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1 << 20];

describe("the client, against ws' server", () => {
  let server: WebSocketServer;
  let port: number;
  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'b' });
    server.on('connection', (socket: WebSocket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }));
    });
    await new Promise((resolve) => server.on('listening', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(SIZES)('has text and bytes of %i bytes echoed', async (size) => {
    const client = await openClient({ port });
    const bytes = new Uint8Array(size).map((_, index) => index);
    client.send('x'.repeat(size));
    client.send(bytes);
    expect((await client.next()) === 'x'.repeat(size)).toBe(true);
    expect(Buffer.compare(Buffer.from(await client.next()), bytes)).toBe(0);
    expect(await client.close(1000, 'bye')).toEqual({ code: 1000, reason: 'bye' });
  });

  it('offers subprotocols and header fields', async () => {
    const headers = new Promise((resolve) =>
      server.on('connection', (_socket, request) => resolve(request.headers)),
    );
    const client = await openClient({
      port,
      subprotocols: ['a', 'b'],
      headers: { Origin: 'null' },
    });
    expect(client.subprotocol).toBe('b');
    expect(await headers).toMatchObject({ 'sec-websocket-protocol': 'a, b', origin: 'null' });
    await client.close();
  });

  it('answers pings', async () => {
    const pong = new Promise((resolve) =>
      server.on('connection', (socket) => {
        socket.on('pong', (data) => resolve(String(data)));
        socket.ping('are you there?');
      }),
    );
    const client = await openClient({ port });
    expect(await pong).toBe('are you there?');
    await client.close();
  });

  it('answers a close frame, and gives out what came before it', async () => {
    const closed = new Promise((resolve) =>
      server.on('connection', (socket) => {
        socket.on('close', (code, reason) => resolve([code, String(reason)]));
        socket.send('one');
        socket.send('two');
        socket.close(4000, 'enough');
      }),
    );
    const client = await openClient({ port });
    const messages: unknown[] = [];
    for await (const message of client.messages()) messages.push(message);
    expect(messages).toEqual(['one', 'two']);
    expect(await client.closed).toEqual({ code: 4000, reason: 'enough' });
    expect(await closed).toEqual([4000, '']);
    await expect(client.next()).rejects.toThrow('the connection ended with 4000');
  });

  it('reports 1006 where the connection just ends', async () => {
    server.on('connection', (socket) => socket.terminate());
    const client = await openClient({ port });
    expect((await client.closed).code).toBe(1006);
  });

  it('says so when no message comes', async () => {
    const client = await openClient({ port, timeoutMs: 50 });
    await expect(client.next()).rejects.toThrow('No message came within 50 ms');
    client.destroy();
    expect((await client.closed).code).toBe(1006);
  });
});

describe('the client', () => {
  it('shows the answer to a handshake that is refused', async () => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      verifyClient: (_info, answer) => answer(false, 418, 'no coffee here'),
    });
    await new Promise((resolve) => server.on('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(openClient({ port })).rejects.toThrow('answered 418: no coffee here');
    await new Promise((resolve) => server.close(resolve));
  });

  it('does not believe a server that cannot answer its key', async () => {
    const server = await ScriptedServer.listen();
    const client = openClient({ port: server.port });
    const peer = await server.peer();
    const [, refused] = await Promise.allSettled([
      peer.acceptsHandshake({ headers: { 'Sec-WebSocket-Accept': 'AAAA' } }),
      client,
    ]);
    expect(refused.status).toBe('rejected');
    await server.close();
  });

  it('connects over TLS', async () => {
    const tls = selfSignedCertificate();
    const https = createServer(tls);
    const server = new WebSocketServer({ server: https });
    server.on('connection', (socket) => socket.send('secret'));
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const { port } = https.address() as AddressInfo;
    const client = await openClient({ port, tls: { ca: tls.cert } });
    expect(await client.next()).toBe('secret');
    expect(await client.close()).toEqual({ code: 1000, reason: '' });
    await new Promise((resolve) => https.close(resolve));
  });
});

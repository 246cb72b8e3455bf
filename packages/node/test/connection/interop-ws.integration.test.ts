import { once } from 'node:events';
import { selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connect } from '../../src/client/connect.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** Sizes around the limits of a frame's length field. */
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 200_000];

describe("ws' client, as a second opinion on our server", () => {
  it.each([
    ['ws', {}],
    ['wss', { tls: selfSignedCertificate() }],
  ])('opens %s:, talks and closes', async (scheme, options) => {
    const running = await RunningServer.start(
      (server) =>
        acceptWebSockets(server, { path: '/chat', subprotocols: ['b'] }, (socket) => {
          socket.on('message', (message) => socket.send(message));
        }),
      options,
    );
    // ws offers permessage-deflate, which nobody has to accept.
    const url = `${scheme}://127.0.0.1:${running.port}/chat`;
    const client = new WebSocket(url, ['a', 'b'], { rejectUnauthorized: false });
    await once(client, 'open');
    expect(client).toMatchObject({ protocol: 'b', extensions: '' });
    for (const size of SIZES) {
      client.send('é'.repeat(size / 2));
      const [text, isBinary] = await once(client, 'message');
      expect(isBinary).toBe(false);
      expect(String(text)).toBe('é'.repeat(size / 2));
      client.send(Buffer.alloc(size, 7));
      expect((await once(client, 'message'))[0]).toEqual(Buffer.alloc(size, 7));
    }
    client.close(4_000, 'enough');
    expect(await once(client, 'close')).toEqual([4_000, Buffer.from('')]);
    await expect.poll(() => running.sockets.connections.size).toBe(0);
  });

  it('is refused as the application says', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (_request, response) => {
        response.writeHead(401, { 'X-Why': 'because' }).end('who are you?');
      }),
    );
    const client = new WebSocket(`ws://127.0.0.1:${running.port}/`);
    client.on('error', () => {});
    const [, response] = await once(client, 'unexpected-response');
    expect(response).toMatchObject({ statusCode: 401, headers: { 'x-why': 'because' } });
    let body = '';
    for await (const chunk of response) body += String(chunk);
    expect(body).toBe('who are you?');
    client.terminate();
  });

  it('reads the cookies of a 101', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        pendingUpgrade(request)?.accept({}, () => {});
        response.setHeader('Set-Cookie', ['a=1', 'b=2']).writeHead(101).end();
      }),
    );
    const client = new WebSocket(`ws://127.0.0.1:${running.port}/`);
    onTestFinished(() => client.terminate());
    const [response] = await once(client, 'upgrade');
    expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });
});

describe("ws' server, as a second opinion on our client", () => {
  async function startServer(): Promise<{ url: string; server: WebSocketServer }> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'b' });
    onTestFinished(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { url: `ws://127.0.0.1:${address.port}/`, server };
  }

  it('is talked to, and closed', async () => {
    const { url, server } = await startServer();
    server.on('connection', (peer) => {
      peer.on('message', (message, isBinary) => peer.send(message, { binary: isBinary }));
    });
    const socket = await connect(url, { subprotocols: ['a', 'b'] });
    expect(socket.subprotocol).toBe('b');
    for (const size of SIZES) {
      for (const message of ['x'.repeat(size), Buffer.alloc(size, 7)]) {
        const reply = once(socket, 'message');
        socket.send(message);
        expect(await reply).toEqual([message]);
      }
    }
    expect(await socket.close(4_000)).toMatchObject({ code: 4_000, wasClean: true });
  });

  it('may say something at once', async () => {
    const { url, server } = await startServer();
    server.on('connection', (peer) => peer.send('first'));
    const socket = await connect(url, { subprotocols: ['b'] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await once(socket, 'message')).toEqual(['first']);
    await socket.close();
  });
});

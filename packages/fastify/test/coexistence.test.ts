import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from '@heddle/node';
import { describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { WebSocketPluginOptions } from '../src/index.ts';
import { buildApp, listen, nextMessage } from './app.ts';

/** An application beside a server of `ws` that takes every upgrade `wants` says yes to. */
async function besideWs(
  wants: (request: IncomingMessage) => boolean,
  options: WebSocketPluginOptions = {},
) {
  const app = await buildApp(options, { routerOptions: { ignoreTrailingSlash: true } });
  const onRequest = vi.fn(async () => {});
  app.addHook('onRequest', onRequest);
  const other = new WebSocketServer({ noServer: true });
  app.server.on('upgrade', (request, socket, head) => {
    if (!wants(request)) return;
    // As Vite does: later than an answer of ours would go out.
    setTimeout(() => {
      other.handleUpgrade(request, socket, head, (client: WebSocket) => client.send('other'));
    }, 20);
  });
  return { app, onRequest, other };
}

const url = (request: IncomingMessage) => request.url ?? '';

describe('beside another upgrade listener', () => {
  it("serves what a WebSocket route matches, and no hook sees the other's", async () => {
    const { app, onRequest } = await besideWs((request) => url(request).startsWith('/@vite'));
    app.get('/*', async () => 'the page of everything');
    app.ws('/rooms/:room', (socket) => socket.send('room'));
    app.ws('/files/*', (socket) => socket.send('file'));
    app.ws('/v2', { constraints: { version: '2.0.0' } }, (socket) => socket.send('v2'));
    app.ws('/host', { constraints: { host: 'a.example' } }, (socket) => socket.send('host'));
    const address = `ws://${await listen(app)}`;
    const ours: [string, string, Record<string, string>?][] = [
      ['/rooms/se%20ven?a=%zz', 'room'],
      ['/rooms/7/', 'room'],
      ['/files/a/b', 'file'],
      ['/v2', 'v2', { 'Accept-Version': '2.x' }],
      ['/host', 'host', { Host: 'a.example' }],
    ];
    for (const [path, message, headers = {}] of ours) {
      const socket = await connect(address + path, { headers });
      expect(await nextMessage(socket), path).toBe(message);
      await socket.close();
    }
    expect(onRequest).toHaveBeenCalledTimes(ours.length);
    for (const path of ['/@vite', '/@vite/%zz', '/@vite?rooms/7']) {
      const socket = await connect(address + path);
      expect(await nextMessage(socket), path).toBe('other');
      await socket.close();
    }
    expect(onRequest).toHaveBeenCalledTimes(ours.length);
  });

  it('asks for a version only where a route does', async () => {
    const { app } = await besideWs(() => false);
    app.ws('/a', (socket) => socket.send('hello'));
    const headers = { 'Accept-Version': '9.x' };
    const socket = await connect(`ws://${await listen(app)}/a`, { headers });
    expect(await nextMessage(socket)).toBe('hello');
    await socket.close();
  });

  it('may say itself what is its own', async () => {
    const { app } = await besideWs((request) => !url(request).startsWith('/mine'), {
      owns: (request) => url(request).startsWith('/mine'),
    });
    app.ws('/mine', (socket) => socket.send('mine'));
    app.ws('/theirs', () => expect.unreachable());
    const address = `ws://${await listen(app)}`;
    const answers = { '/mine': 'mine', '/theirs': 'other' };
    for (const [path, message] of Object.entries(answers)) {
      const socket = await connect(address + path);
      expect(await nextMessage(socket)).toBe(message);
      await socket.close();
    }
    await expect(connect(`${address}/mine/too`)).rejects.toMatchObject({ status: 404 });
  });
});

describe("Fastify's own servers", () => {
  it('upgrade on each address of localhost', async () => {
    const app = await buildApp();
    app.ws('/a', (socket) => socket.send('hello'));
    await app.listen({ port: 0, host: 'localhost' });
    const addresses = app.addresses() as AddressInfo[];
    for (const { address, family, port } of addresses) {
      const host = family === 'IPv6' ? `[${address}]` : address;
      const socket = await connect(`ws://${host}:${port}/a`);
      expect(await nextMessage(socket)).toBe('hello');
      await socket.close();
    }
    expect(addresses.length).toBeGreaterThan(0);
  });
});

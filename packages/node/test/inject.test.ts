import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
} from 'node:http2';
import { createServer as createSecureServer } from 'node:https';
import { UsageError } from '@heddle/core';
import { selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HandshakeRefusedError } from '../src/client/handshake-refused.ts';
import type { Connection } from '../src/connection/connection.ts';
import { inject } from '../src/inject.ts';
import { acceptWebSockets } from '../src/server/accept-web-sockets.ts';
import { pendingUpgrade } from '../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../src/server/route-upgrades.ts';

describe('inject', () => {
  it('needs no port', async () => {
    const { server } = echoing();
    const socket = await inject(server, '/');
    socket.send('hello');
    expect(await once(socket, 'message')).toEqual(['hello']);
    expect(server.listening).toBe(false);
    socket.destroy();
  });

  it('sends header fields, a query and subprotocols', async () => {
    const server = createServer();
    acceptWebSockets(server, { subprotocols: ['v1'] }, (socket, { headers, url }) =>
      socket.send(JSON.stringify([headers.cookie, url])),
    );
    const socket = await inject(server, '/a?x=0', {
      headers: { Cookie: 'sid=1' },
      query: { y: 'a&b', z: ['1', '2'] },
      subprotocols: ['v2', 'v1'],
    });
    expect(socket.subprotocol).toBe('v1');
    const [message] = await once(socket, 'message');
    expect(JSON.parse(message)).toEqual(['sid=1', '/a?x=0&y=a%26b&z=1&z=2']);
    socket.destroy();
  });

  it('rejects with the response that refuses', async () => {
    const server = createServer();
    routeUpgrades(server, (_request, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end('who are you?');
    });
    const refused = await inject(server, '/').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HandshakeRefusedError);
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  });

  it('rejects for a path that is none', async () => {
    const { server } = echoing();
    for (const path of ['a', 'ws://localhost/a', '/a#b']) {
      await expect(inject(server, path), path).rejects.toBeInstanceOf(UsageError);
    }
  });

  it('can be given up', async () => {
    const controller = new AbortController();
    const server = createServer();
    const left = new Promise<void>((resolve) => {
      routeUpgrades(server, (request) => {
        pendingUpgrade(request)?.signal.addEventListener('abort', () => resolve());
        controller.abort(new Error('enough'));
      });
    });
    await expect(inject(server, '/', { signal: controller.signal })).rejects.toThrow('enough');
    await left;
  });

  it('closes both ends with either', async () => {
    const server = createServer();
    const ends: Record<string, (socket: Connection) => unknown> = {
      '/a': (socket) => void socket.close(4000, 'done'),
      '/b': (socket) => socket.destroy(),
    };
    const sockets = acceptWebSockets(server, {}, (socket, { url = '' }) => ends[url]?.(socket));
    expect(await (await inject(server, '/a')).closed).toMatchObject({ code: 4000, reason: 'done' });
    expect(await (await inject(server, '/b')).closed).toMatchObject({ code: 1006 });
    (await inject(server, '/c')).destroy();
    await expect.poll(() => sockets.connections.size).toBe(0);
  });

  it('reaches an HTTPS server as if TLS had been spoken', async () => {
    const server = createSecureServer(selfSignedCertificate());
    acceptWebSockets(server, {}, (socket) => socket.send('secret'));
    const socket = await inject(server, '/');
    expect(await once(socket, 'message')).toEqual(['secret']);
    socket.destroy();
  });

  it.each([
    ['in the open', () => createHttp2Server()],
    ['as if TLS had been spoken', () => createSecureHttp2Server(selfSignedCertificate())],
  ])('speaks HTTP/2 with a server for it, %s', async (_how, create) => {
    const server = create();
    acceptWebSockets(server, {}, (socket, { httpVersion }) => socket.send(httpVersion));
    const socket = await inject(server, '/');
    expect(await once(socket, 'message')).toEqual(['2.0']);
    expect(await socket.close()).toMatchObject({ code: 1000, wasClean: true });
  });
});

function echoing() {
  const server = createServer();
  const sockets = acceptWebSockets(server, {}, (socket) => {
    socket.on('message', (message) => socket.send(message));
  });
  onTestFinished(() => sockets.close());
  return { server, sockets };
}

import type { IncomingMessage } from 'node:http';
import { UsageError } from '@heddle/core';
import { selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it, vi } from 'vitest';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import type { Sockets } from '../../src/server/sockets.ts';
import { startHttp2 } from '../http2-server.ts';
import { RunningServer, type RunningServerOptions } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

function fail(): never {
  throw new Error('by the application');
}

function start(path?: string, options?: RunningServerOptions): Promise<RunningServer> {
  return RunningServer.start(
    (server) =>
      acceptWebSockets(server, path === undefined ? {} : { path }, (socket, request) => {
        socket.send(`hello ${request.url}`);
      }),
    options,
  );
}

describe('acceptWebSockets', () => {
  it.each([
    ['HTTP', {}],
    ['HTTPS', { tls: selfSignedCertificate() }],
  ])('accepts the WebSockets of its path, over %s', async (_name, options) => {
    const running = await start('/chat', options);
    for (const target of ['/chat', '/chat?room=7', 'http://example.org/chat?x']) {
      const peer = await running.peer();
      expect((await peer.handshake({ path: target })).status).toBe(101);
      await peer.receivesText(`hello ${target}`);
    }
  });

  it.each(['/', '/chat/', '/Chat', '/chat%20', '//chat', '/other?/chat', 'http://[', '/%63hat'])(
    'answers 404 to a handshake for %s',
    async (path) => {
      const peer = await (await start('/chat')).peer();
      expect(await peer.handshake({ path })).toMatchObject({ status: 404 });
      await peer.receivesEnd();
    },
  );

  it('accepts every path where it is given none', async () => {
    const peer = await (await start()).peer();
    await peer.handshake({ path: '/anything' });
    await peer.receivesText('hello /anything');
  });

  it('refuses a page of another origin', async () => {
    const running = await start('/chat');
    const peer = await running.peer();
    const headers = { Origin: 'https://evil.example' };
    const response = await peer.handshake({ path: '/chat', headers });
    expect(response).toMatchObject({ status: 403, body: expect.stringContaining('evil.example') });
    await peer.receivesEnd();
    expect(running.sockets.stats()).toMatchObject({ refused: 1, opened: 0 });
  });

  it('answers with the handshake and nothing else, and what the handler sends comes behind it', async () => {
    const peer = await (await start('/chat')).peer();
    const response = await peer.handshake({ path: '/chat' });
    expect(response.headers).toEqual([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', expect.stringMatching(/^[\w+/]{27}=$/)],
    ]);
    await peer.receivesText('hello /chat');
  });

  it.each<[string, number, (request: IncomingMessage, sockets: Sockets) => void, object]>([
    ['throws', 500, fail, { refused: 1 }],
    ['closes the server', 503, (_request, sockets) => void sockets.close(), { refused: 1 }],
    ['drops the client', 0, ({ socket }) => void socket.destroy(), { abandoned: 1 }],
  ])(
    'opens nothing where the application %s while it chooses',
    async (_what, status, act, counted) => {
      const opened = vi.fn();
      const running = await RunningServer.start((server) => {
        const subprotocols = (_offered: readonly string[], request: IncomingMessage) =>
          act(request, sockets) as undefined;
        const sockets: Sockets = acceptWebSockets(server, { subprotocols }, opened);
        return sockets;
      });
      const peer = await running.peer();
      const response = await peer.handshake().catch(() => ({ status: 0 }));
      expect(response.status).toBe(status);
      expect(opened).not.toHaveBeenCalled();
      expect(running.sockets.stats()).toMatchObject({ opened: 0, connections: 0, ...counted });
      const warned = status === 500 ? ['by the application'] : [];
      expect(uncaught.splice(0).map(String)).toEqual(warned.map((text) => `Error: ${text}`));
    },
  );

  it('accepts over HTTP/2 as over HTTP/1.1', async () => {
    const { session, sockets } = await startHttp2((server) =>
      acceptWebSockets(server, { path: '/chat', subprotocols: ['v1'] }, (socket, { url }) => {
        socket.send(`hello ${url}`);
      }),
    );
    const headers = { 'Sec-WebSocket-Protocol': 'v1' };
    const peer = session.handshake({ path: '/chat?room=7', headers });
    const response = await peer.receivesResponse();
    expect(response.status).toBe(200);
    expect(response.header('sec-websocket-protocol')).toBe('v1');
    await peer.receivesText('hello /chat?room=7');
    expect(sockets.stats()).toMatchObject({ opened: 1, connections: 1 });
  });

  it('answers plain requests where nobody else does: 426 on its path, else 404', async () => {
    const running = await start('/chat');
    const peer = await running.peer();
    for (const method of ['GET', 'POST']) {
      const response = await peer.request({ path: '/chat?x', method });
      expect(response).toMatchObject({ status: 426, body: expect.stringContaining('WebSocket') });
      // RFC 9110 §15.5.22 and §7.8.
      expect(response.header('Upgrade')).toBe('websocket');
      expect(response.header('Connection')).toBe('Upgrade');
    }
    expect((await peer.request({ path: '/' })).status).toBe(404);
    const any = await (await start()).peer();
    expect((await any.request({ path: '/' })).status).toBe(426);
  });

  it('keeps silent where somebody else answers plain requests', async () => {
    const running = await start('/chat', {
      listener: (_request, response) => response.end('page'),
    });
    const peer = await running.peer();
    expect(await peer.request({ path: '/chat' })).toMatchObject({ status: 200, body: 'page' });
    expect(running.server.listenerCount('request')).toBe(2);
    running.sockets.detach();
    expect(running.server.listenerCount('request')).toBe(1);
  });

  it('has one listener for plain requests, however many paths there are', async () => {
    let second: Sockets | undefined;
    const running = await RunningServer.start((server) => {
      second = acceptWebSockets(server, { path: '/b' }, () => {});
      return acceptWebSockets(server, { path: '/a' }, () => {});
    });
    const peer = await running.peer();
    const statuses = async (): Promise<number[]> => {
      const paths = ['/a', '/b', '/c'];
      const answers = [];
      for (const path of paths) answers.push((await peer.request({ path })).status);
      return answers;
    };
    expect(running.server.listenerCount('request')).toBe(1);
    expect(await statuses()).toEqual([426, 426, 404]);
    second?.detach();
    expect(await statuses()).toEqual([426, 404, 404]);
  });

  it.each(['chat', '', '/chat?x', '/chat#x', 'http://h/chat', 7])('refuses the path %s', (path) => {
    const options = { path: path as string };
    expect(() => acceptWebSockets(undefined, options, () => {})).toThrow(UsageError);
    expect(() => acceptWebSockets(undefined, options, () => {})).toThrow(/path must begin with/);
  });

  it('refuses an option that it does not know', () => {
    const options = { path: '/chat', pathname: '/chat' };
    expect(() => acceptWebSockets(undefined, options, () => {})).toThrow(/pathname/);
  });
});

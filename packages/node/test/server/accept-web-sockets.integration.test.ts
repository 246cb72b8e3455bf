import { UsageError } from '@heddle/core';
import { selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import type { Sockets } from '../../src/server/sockets.ts';
import { RunningServer, type RunningServerOptions } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

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

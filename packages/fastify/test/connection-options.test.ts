import type { Connection } from '@heddle/node';
import { describe, expect, it, vi } from 'vitest';
import { buildApp, LogLines, nextMessage } from './app.ts';

const echo = (socket: Connection) => {
  socket.on('message', (message) => socket.send(message));
};

describe('what a handler throws or rejects with', () => {
  const failure = new Error('no such room');
  const fail = () => Promise.reject(failure);

  it('is logged with the request, unless somebody takes it', async () => {
    const log = new LogLines();
    const app = await buildApp({}, { logger: { stream: log } });
    app.ws('/a', fail);
    expect(await (await app.injectWS('/a')).closed).toMatchObject({ code: 1011 });
    const reqId = log.named('incoming request')[0]?.['reqId'];
    expect(log.named('the WebSocket handler failed')).toMatchObject([
      { level: 50, reqId, err: { message: 'no such room' } },
    ]);
  });

  it("goes to the plugin's onError, or the route's in its place", async () => {
    const calls: unknown[][] = [];
    const app = await buildApp({
      onError: (error, socket, request) => calls.push(['plugin', error, socket.state, request.url]),
    });
    app.ws('/a', fail);
    app.ws(
      '/b',
      {
        onError: (error, socket, request) =>
          calls.push(['route', error, socket.state, request.url]),
      },
      fail,
    );
    await (await app.injectWS('/a')).closed;
    await (await app.injectWS('/b')).closed;
    expect(calls).toEqual([
      ['plugin', failure, 'open', '/a'],
      ['route', failure, 'open', '/b'],
    ]);
  });

  it("goes to the plugin's onError from wsHandler, whose onError is Fastify's hook", async () => {
    const onError = vi.fn();
    const hook = vi.fn(async () => {});
    const app = await buildApp({ onError });
    app.route({ method: 'GET', url: '/a', onError: hook, handler: fail, wsHandler: fail });
    await (await app.injectWS('/a')).closed;
    expect(onError).toHaveBeenCalledTimes(1);
    expect(hook).not.toHaveBeenCalled();
    expect((await app.inject('/a')).statusCode).toBe(500);
    expect(hook).toHaveBeenCalledTimes(1);
  });
});

describe('subprotocols', () => {
  it('are chosen from a list, that of the route before that of the plugin', async () => {
    const app = await buildApp({ subprotocols: ['plugin'] });
    app.ws('/a', { subprotocols: undefined } as object, echo);
    app.ws('/b', { subprotocols: ['v2', 'v1'] }, echo);
    const subprotocols = ['v1', 'v2', 'plugin'];
    expect((await app.injectWS('/a', { subprotocols })).subprotocol).toBe('plugin');
    expect((await app.injectWS('/b', { subprotocols })).subprotocol).toBe('v2');
    expect((await app.injectWS('/b')).subprotocol).toBeUndefined();
  });

  it('are chosen by a function that knows what hooks have found out', async () => {
    const app = await buildApp();
    app.decorateRequest('role', '');
    app.addHook('preHandler', async (request) => request.setDecorator('role', 'admin'));
    app.ws(
      '/a',
      {
        subprotocols: (offered, request) => {
          const role = request.getDecorator<string>('role');
          return offered.find((name) => name.startsWith(role));
        },
      },
      echo,
    );
    const socket = await app.injectWS('/a', { subprotocols: ['user.v1', 'admin.v1'] });
    expect(socket.subprotocol).toBe('admin.v1');
  });
});

describe('the other options', () => {
  it("are the route's, over the plugin's", async () => {
    const app = await buildApp({ limits: { maxMessageBytes: 10 } });
    app.ws('/small', echo);
    app.ws('/large', { limits: { maxMessageBytes: 20 } }, echo);
    const small = await app.injectWS('/small');
    small.send('x'.repeat(11));
    expect(await small.closed).toMatchObject({ code: 1009 });
    const large = await app.injectWS('/large');
    large.send('x'.repeat(20));
    expect(await nextMessage(large)).toBe('x'.repeat(20));
    large.send('x'.repeat(21));
    expect(await large.closed).toMatchObject({ code: 1009 });
  });

  it('are there for wsHandler', async () => {
    const app = await buildApp();
    app.route({
      method: 'GET',
      url: '/a',
      limits: { maxMessageBytes: 10 },
      subprotocols: ['v1'],
      handler: async () => 'a page',
      wsHandler: echo,
    });
    const socket = await app.injectWS('/a', { subprotocols: ['v1'] });
    expect(socket.subprotocol).toBe('v1');
    socket.send('x'.repeat(11));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });

  it('may close the connections of one route by a signal', async () => {
    const app = await buildApp();
    const controller = new AbortController();
    app.ws('/a', { signal: controller.signal }, echo);
    const socket = await app.injectWS('/a');
    controller.abort();
    expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true });
  });
});

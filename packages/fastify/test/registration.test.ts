import { describe, expect, it } from 'vitest';
import websocket, { websocket as named, type WebSocketPluginOptions } from '../src/index.ts';
import { bareApp, buildApp } from './app.ts';

describe('app.register(websocket)', () => {
  it('serves the whole instance, from inside a plugin too', async () => {
    const app = bareApp();
    await app.register(named);
    expect(app.hasPlugin('@heddle/fastify')).toBe(true);
    app.register(async (api) => {
      api.ws('/inner', () => {});
    });
    await app.injectWS('/inner');
  });

  const wrong: [WebSocketPluginOptions, RegExp][] = [
    [{ limits: { maxMessageBytes: 0 } }, /limits\.maxMessageBytes must be .* not 0/],
    [{ heartbeat: { intervalMs: -1 } }, /heartbeat\.intervalMs must be .* not -1/],
    [{ handshakeTimeoutMs: Number.NaN }, /handshakeTimeoutMs must be .* not NaN/],
    [{ origins: ['example.org'] }, /origins lists .*example\.org/],
    [{ onError: 'log' as never }, /onError must be a function, not 'log'/],
    [{ owns: true as never }, /owns must be a function, not true/],
    [{ options: { maxPayload: 1 } } as never, /options is unknown; there are limits, /],
    [{ compression: 'on' as never }, /compression must be a boolean or an object, not 'on'/],
    [{ compression: { level: 10 } }, /compression\.level must be .* not 10/],
  ];
  it.each(wrong)('rejects %o and says what would be right', async (options, message) => {
    const app = bareApp();
    await expect(app.register(websocket, options)).rejects.toMatchObject({
      name: 'UsageError',
      code: 'WS_INVALID_OPTION',
      message: expect.stringMatching(message),
    });
  });

  it('may be done once on a server, wherever', async () => {
    const app = await buildApp();
    app.register(async (api) => {
      await api.register(websocket);
    });
    await expect(app.ready()).rejects.toThrow('is registered on this server already');
  });

  it('must come before the routes, as those would not know what websocket: true means', async () => {
    const app = bareApp();
    app.post('/form', async () => 'thanks');
    app.get('/feed', { websocket: true }, () => {});
    await expect(app.register(websocket)).rejects.toThrow('must be registered before any route');
  });

  it('may come after routes that no WebSocket could stand beside', async () => {
    const app = bareApp();
    app.post('/form', async () => 'thanks');
    app.options('*', async () => 'as @fastify/cors does it');
    await app.register(websocket);
  });
});

describe('the options of a route', () => {
  it.each([
    [{ limits: { maxMessageBytes: 0 } }, /limits\.maxMessageBytes/],
    [{ subprotocols: 'chat' as never }, /subprotocols must be a list of names/],
    [{ onError: [] as never }, /onError must be a function/],
    [{ onInvalidMessage: 1 as never }, /onInvalidMessage must be a function/],
  ])('are checked when it is declared: %o', async (options, message) => {
    const app = await buildApp();
    expect(() => app.ws('/a', options, () => {})).toThrow(message);
  });

  it('must name a handler', async () => {
    const app = await buildApp();
    expect(() => app.ws('/a', undefined as never)).toThrow(
      expect.objectContaining({ code: 'FST_ERR_ROUTE_MISSING_HANDLER' }),
    );
    const handler = async () => 'a page';
    expect(() =>
      app.route({ method: 'GET', url: '/a', handler, wsHandler: 'no function' as never }),
    ).toThrow('wsHandler must be a function');
  });
});

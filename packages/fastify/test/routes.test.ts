import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { buildApp, nextMessage } from './app.ts';

describe('app.ws', () => {
  it('declares a route by path and handler', async () => {
    const app = await buildApp();
    app.ws('/hello', (socket) => {
      socket.send('hello');
    });
    expect(await nextMessage(await app.injectWS('/hello'))).toBe('hello');
  });

  it("takes Fastify's options and the connection's side by side", async () => {
    const app = await buildApp();
    app.ws(
      '/hello',
      { config: { rateLimit: false }, logLevel: 'silent', subprotocols: ['chat.v1'] },
      (socket, request) => {
        socket.send(JSON.stringify(request.routeOptions.config));
      },
    );
    const socket = await app.injectWS('/hello', { subprotocols: ['chat.v1'] });
    expect(socket.subprotocol).toBe('chat.v1');
    expect(await nextMessage(socket)).toContain('"rateLimit":false');
  });

  it('can be chained, as the other declarations can', async () => {
    const app = await buildApp();
    const chained = app.ws('/a', () => {}).ws('/b', () => {});
    expect(chained).toBe(app);
  });

  it('calls the handler with the instance of its plugin as this', async () => {
    const app = await buildApp();
    let self: unknown;
    let declaredBy: FastifyInstance | undefined;
    app.register(async (api) => {
      api.decorate('secret', 'of the plugin');
      declaredBy = api;
      api.ws('/inner', function () {
        self = this;
      });
    });
    await app.injectWS('/inner');
    expect(self).toBe(declaredBy);
    expect(self).toHaveProperty('secret', 'of the plugin');
  });

  it('hands over nothing until the handler is called, and loses nothing before it listens', async () => {
    const app = await buildApp();
    app.ws('/late', async (socket) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      for await (const message of socket) socket.send(`late: ${message}`);
    });
    const socket = await app.injectWS('/late');
    socket.send('early');
    expect(await nextMessage(socket)).toBe('late: early');
  });
});

describe('the conventions of @fastify/websocket', () => {
  it('knows { websocket: true } in a shorthand declaration', async () => {
    const app = await buildApp();
    app.get('/feed/:name', { websocket: true }, (socket, request) => {
      socket.send(JSON.stringify(request.params));
    });
    expect(await nextMessage(await app.injectWS('/feed/news'))).toBe('{"name":"news"}');
  });

  it('knows { websocket: true } in a full declaration', async () => {
    const app = await buildApp();
    app.route({
      method: 'GET',
      url: '/feed',
      websocket: true,
      handler: (socket) => {
        socket.send('full');
      },
    });
    expect(await nextMessage(await app.injectWS('/feed'))).toBe('full');
  });

  it('knows wsHandler beside handler', async () => {
    const app = await buildApp();
    app.route({
      method: 'GET',
      url: '/both',
      handler: async () => 'a page',
      wsHandler: (socket) => {
        socket.send('a socket');
      },
    });
    expect(await nextMessage(await app.injectWS('/both'))).toBe('a socket');
    expect((await app.inject('/both')).body).toBe('a page');
    expect((await app.inject({ method: 'HEAD', url: '/both' })).statusCode).toBe(200);
  });

  it('tells upgrades by request.ws', async () => {
    const app = await buildApp();
    const seen: [string, boolean][] = [];
    app.addHook('onRequest', async ({ url, ws }) => {
      seen.push([url, ws]);
    });
    app.get('/both', async () => 'a page');
    app.ws('/both', () => {});
    await app.injectWS('/both');
    await app.inject('/both');
    expect(seen).toEqual([
      ['/both', true],
      ['/both', false],
    ]);
  });
});

describe('a WebSocket route is an ordinary route', () => {
  it('stands beside a GET on the same path, whichever comes first', async () => {
    const app = await buildApp();
    app.get('/a', async () => 'page a');
    app.ws('/a', (socket) => socket.send('socket a'));
    app.ws('/b', (socket) => socket.send('socket b'));
    app.get('/b', async () => 'page b');
    for (const name of ['a', 'b']) {
      expect((await app.inject(`/${name}`)).body).toBe(`page ${name}`);
      expect(await nextMessage(await app.injectWS(`/${name}`))).toBe(`socket ${name}`);
    }
  });

  it('may not be declared twice', async () => {
    const app = await buildApp();
    app.ws('/a', () => {});
    expect(() => app.ws('/a', () => {})).toThrow(
      expect.objectContaining({ code: 'FST_ERR_DUPLICATED_ROUTE' }),
    );
  });

  it('matches by parameters, wildcards and the most specific path', async () => {
    const app = await buildApp();
    const params = (socket: { send(text: string): boolean }, request: { params: unknown }) =>
      socket.send(JSON.stringify(request.params));
    app.ws('/rooms/:room', params);
    app.ws('/rooms/:room/files/*', params);
    app.get('/rooms/lobby', async () => 'a page of its own');
    expect(await nextMessage(await app.injectWS('/rooms/se%20ven'))).toBe('{"room":"se ven"}');
    expect(await nextMessage(await app.injectWS('/rooms/7/files/a/b'))).toBe(
      '{"room":"7","*":"a/b"}',
    );
    // The page is no WebSocket's, so the upgrade goes on to the next route that matches.
    expect(await nextMessage(await app.injectWS('/rooms/lobby'))).toBe('{"room":"lobby"}');
  });

  it.each([
    ['both', { '/api': true, '/api/': true }],
    ['slash', { '/api': false, '/api/': true }],
    ['no-slash', { '/api': true, '/api/': false }],
  ] as const)(
    'has the prefix of its plugin: %s at its root',
    async (prefixTrailingSlash, expected) => {
      const app = await buildApp();
      app.register(
        async (api) => {
          api.ws('/', { prefixTrailingSlash }, () => {});
          api.route({
            method: 'GET',
            url: '/deep/',
            handler: async () => 'a page',
            wsHandler: () => {},
          });
        },
        { prefix: '/api' },
      );
      app.register(
        async (api) => {
          const wsHandler = () => {};
          const handler = async () => 'a page';
          api.route({ method: 'GET', url: '/', prefixTrailingSlash, handler, wsHandler });
        },
        { prefix: '/both' },
      );
      await app.injectWS('/api/deep/');
      for (const [path, there] of Object.entries(expected)) {
        for (const prefix of ['/api', '/both']) {
          const opened = app.injectWS(path.replace('/api', prefix));
          if (there) await opened;
          else await expect(opened).rejects.toMatchObject({ status: 404 });
        }
      }
    },
  );

  it('keeps the constraints of the application', async () => {
    const app = await buildApp();
    const say = (text: string) => (socket: { send(text: string): boolean }) => socket.send(text);
    app.ws('/a', { constraints: { host: 'one.example' } }, say('one'));
    app.ws('/a', { constraints: { host: 'two.example', version: '2.0.0' } }, say('two'));
    const one = await app.injectWS('/a', { headers: { Host: 'one.example' } });
    expect(await nextMessage(one)).toBe('one');
    const headers = { Host: 'two.example', 'Accept-Version': '2.x' };
    expect(await nextMessage(await app.injectWS('/a', { headers }))).toBe('two');
    await expect(
      app.injectWS('/a', { headers: { Host: 'two.example', 'Accept-Version': '1.x' } }),
    ).rejects.toMatchObject({ status: 404 });
  });

  it('is left out of an API description', async () => {
    const app = await buildApp();
    const hidden: [string, unknown][] = [];
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (method === 'GET') hidden.push([url, Reflect.get(schema ?? {}, 'hide')]);
    });
    app.get('/page', async () => 'a page');
    app.ws('/socket', () => {});
    expect(hidden).toEqual([
      ['/page', undefined],
      ['/socket', true],
    ]);
  });

  it.each(['POST', 'ALL', 'HEAD and POST'])('must be a GET, not %s', async (method) => {
    const app = await buildApp();
    const handler = async () => 'a page';
    const methods = {
      POST: 'POST',
      ALL: [...app.supportedMethods],
      'HEAD and POST': ['HEAD', 'POST'],
    };
    expect(() =>
      app.route({
        method: Reflect.get(methods, method),
        url: '/a',
        handler,
        wsHandler: () => {},
      }),
    ).toThrow(/the method of a WebSocket route must be GET: \/a/);
  });
});

import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { websocket, ws } from '../src/index.ts';
import { copies } from './express-copies.ts';
import { fetchPlain, listen, nextMessage, open, refusalOf } from './running.ts';

describe.each(copies)('a WebSocket route of %s', (_name, express) => {
  function build() {
    const app = express();
    websocket(app);
    return app;
  }

  it('stands wherever a handler stands', async () => {
    const app = build();
    const router = express.Router();
    app.get(
      '/get',
      ws((socket) => socket.send('get')),
    );
    app.all(
      '/all',
      ws((socket) => socket.send('all')),
    );
    app.route('/route').get(ws((socket) => socket.send('route')));
    app.use(
      '/use',
      ws((socket) => socket.send('use')),
    );
    router.get(
      '/inner',
      ws((socket) => socket.send('router')),
    );
    app.use('/api', express.Router().use('/v1', router));
    const host = await listen(app);
    const expected = {
      get: 'get',
      all: 'all',
      route: 'route',
      use: 'use',
      'api/v1/inner': 'router',
    };
    for (const [path, said] of Object.entries(expected)) {
      expect(await nextMessage(await open(host, `/${path}`))).toBe(said);
    }
    expect((await refusalOf(host, '/api/inner')).status).toBe(404);
  });

  it('knows the parameters of the routers around it, and the rest of the request, later too', async () => {
    const app = build();
    const router = express.Router({ mergeParams: true });
    router.get(
      '/:room',
      ws(async (socket, request) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const { params, query, baseUrl, url, originalUrl } = request;
        socket.send(JSON.stringify({ params, query, baseUrl, url, originalUrl }));
      }),
    );
    app.use('/t/:tenant/chat', router);
    const client = await open(await listen(app), '/t/acme/chat/se%20ven?a=b');
    expect(JSON.parse(String(await nextMessage(client)))).toEqual({
      params: { tenant: 'acme', room: 'se ven' },
      query: { a: 'b' },
      baseUrl: '/t/acme/chat',
      url: '/se%20ven?a=b',
      originalUrl: '/t/acme/chat/se%20ven?a=b',
    });
  });

  it('has its place in an application that is mounted', async () => {
    const app = build();
    const inner = express();
    inner.get(
      '/a',
      ws((socket, request) => socket.send(`${request.app === inner} ${request.baseUrl}`)),
    );
    app.use('/inner', inner);
    expect(await nextMessage(await open(await listen(app), '/inner/a'))).toBe('true /inner');
  });

  it('comes behind middleware, router.param and handlers of the same route', async () => {
    const app = build();
    app.use((_request, response, next) => {
      response.locals['user'] = 'Ada';
      next();
    });
    const router = express.Router();
    router.param('room', (_request, response, next, room) => {
      response.locals['room'] = `room ${room}`;
      next();
    });
    router.get(
      '/:room',
      (_request, response, next) => {
        response.locals['third'] = true;
        setTimeout(next, 10);
      },
      ws((socket, request, response) => {
        socket.send(JSON.stringify([response.locals, request.res === response]));
      }),
    );
    app.use(router);
    const client = await open(await listen(app), '/7');
    expect(JSON.parse(String(await nextMessage(client)))).toEqual([
      { user: 'Ada', room: 'room 7', third: true },
      true,
    ]);
  });

  it('leaves plain requests to the handlers behind it, and to other routes of its path', async () => {
    const app = build();
    const page = (request: Request, response: Response) => response.send(request.method);
    app.get(
      '/a',
      ws(() => {}),
      page,
    );
    app.get(
      '/b',
      ws(() => {}),
    );
    app.get('/b', page);
    app.use(
      '/c',
      ws(() => {}),
    );
    app.post('/c', page);
    const host = await listen(app);
    expect(await fetchPlain(host, '/a')).toMatchObject({ status: 200, body: 'GET' });
    expect(await fetchPlain(host, '/b')).toMatchObject({ status: 200, body: 'GET' });
    expect(await fetchPlain(host, '/b', { method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(await fetchPlain(host, '/c', { method: 'POST' })).toMatchObject({ body: 'POST' });
    await open(host, '/a');
  });

  it('may be skipped by what stands before it', async () => {
    const app = build();
    app.get(
      '/a',
      (request, _response, next) =>
        next(request.query['other'] === undefined ? undefined : 'route'),
      ws((socket) => socket.send('first')),
    );
    app.get(
      '/a',
      ws((socket) => socket.send('second')),
    );
    const host = await listen(app);
    expect(await nextMessage(await open(host, '/a'))).toBe('first');
    expect(await nextMessage(await open(host, '/a?other'))).toBe('second');
  });

  it('is what an upgrade to a page is not: that is served as the GET that it also is', async () => {
    const app = build();
    app.get('/page', (_request, response) => response.send('a page'));
    expect(await refusalOf(await listen(app), '/page')).toMatchObject({
      status: 200,
      body: 'a page',
    });
  });
});

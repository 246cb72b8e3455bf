import { once } from 'node:events';
import { createServer } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { endLater, fetchPlain, listen, nextMessage, open } from '../running.ts';
import { original, ours, prototypeOf, routerOf, type Socket } from './subjects.ts';

/**
 * What express-ws does, by its README, its examples and its behaviour: these tests run against it, too,
 * and so describe it. Where this package differs on purpose: differences.test.ts.
 */
describe.each([...ours, original])('$name', ({ express, expressWs }) => {
  // The prototype of routers is changed for good, which is what some of these are about.
  beforeEach(() => {
    Reflect.deleteProperty(prototypeOf(express), 'ws');
  });

  /** `README: Usage`. */
  const echo = (ws: Socket) => {
    ws.on('message', (message: string) => ws.send(message));
  };

  it('echoes, on the application', async () => {
    const { app } = expressWs(express());
    app.ws('/echo', echo);
    const client = await open(await listen(app), '/echo');
    client.send('hello');
    expect(await nextMessage(client)).toBe('hello');
  });

  it('echoes, on a router that is mounted', async () => {
    const { app } = expressWs(express());
    const router = routerOf(express);
    router.ws('/echo', echo);
    app.use('/ws-stuff', router);
    const client = await open(await listen(app), '/ws-stuff/echo');
    client.send('hello');
    expect(await nextMessage(client)).toBe('hello');
  });

  it('runs middleware for both, and has a GET and a WebSocket on one path', async () => {
    const app = express();
    expressWs(app);
    const seen: unknown[] = [];
    app.use((req, _res, next) => {
      Object.assign(req, { testing: 'testing' });
      next();
    });
    app.get('/', (req, res) => {
      seen.push(['get route', Reflect.get(req, 'testing')]);
      res.end();
    });
    Object(app).ws('/', (ws: Socket, req: Request) => {
      seen.push(['socket', Reflect.get(req, 'testing')]);
      ws.send('open');
    });
    const host = await listen(app);
    expect((await fetchPlain(host, '/')).status).toBe(200);
    expect(await nextMessage(await open(host, '/'))).toBe('open');
    expect(seen).toEqual([
      ['get route', 'testing'],
      ['socket', 'testing'],
    ]);
  });

  it('knows parameters, and is not hurt by a next that leads nowhere', async () => {
    const { app } = expressWs(express());
    app.param('world', (req, _res, next, world) => {
      Object.assign(req, { world: `the ${world}` });
      next();
    });
    app.get('/hello/:world', (_req, res, next) => {
      res.end();
      next();
    });
    app.ws('/hello/:world', (ws, req, next) => {
      const known = [Reflect.get(req, 'world'), req.params['world']].join();
      ws.on('message', () => ws.send(known));
      next();
    });
    const client = await open(await listen(app), '/hello/moon');
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send('who?');
    expect(await nextMessage(client)).toBe('the moon,moon');
  });

  it('has all clients of all routes in getWss().clients', async () => {
    const { app, getWss } = expressWs(express());
    const handled: Socket[] = [];
    app.ws('/a', (ws) => void handled.push(ws));
    app.ws('/b', (ws) => void handled.push(ws));
    const host = await listen(app);
    const clients = [await open(host, '/a'), await open(host, '/b')];
    await expect.poll(() => handled.length).toBe(2);
    expect([...getWss().clients].every((client) => handled.includes(client))).toBe(true);
    const messages = clients.map(nextMessage);
    for (const client of getWss().clients) {
      if (client.readyState === client.OPEN) client.send('to all');
    }
    expect(await Promise.all(messages)).toEqual(['to all', 'to all']);
    for (const client of clients) client.close();
    await expect.poll(() => getWss().clients.size).toBe(0);
  });

  it("emits 'connection' with the socket that the handlers get, and the request", async () => {
    const { app, getWss } = expressWs(express());
    const seen: unknown[] = [];
    getWss().on('connection', (ws: Socket, req: Request) => seen.push(ws, req.headers['x-from']));
    app.ws('/a', (ws) => void seen.push(ws));
    await open(await listen(app), '/a', { headers: { 'X-From': 'me' } });
    await expect.poll(() => seen.length).toBe(3);
    expect(new Set(seen).size).toBe(2);
    expect(seen).toContain('me');
  });

  it('takes a server of your own', async () => {
    const app = express();
    const server = createServer(app);
    expressWs(app, server).app.ws('/a', (ws) => ws.send('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await nextMessage(await open(endLater(server), '/a'))).toBe('hello');
  });

  it('returns what it was called on, from expressWs and from ws', () => {
    const app = express();
    const instance = expressWs(app);
    expect(instance.app).toBe(app);
    expect(instance.app.ws('/a', echo)).toBe(app);
    const router = routerOf(express);
    expect(router.ws('/a', echo)).toBe(router);
  });

  it('leaves alone what has a ws already', () => {
    const mine = () => {};
    const app = Object.assign(express(), { ws: mine });
    expect(expressWs(app).app.ws).toBe(mine);
  });

  it('leaves routers untouched if asked, but for those it is applied to', async () => {
    const { app, applyTo } = expressWs(express(), null, { leaveRouterUntouched: true });
    expect('ws' in routerOf(express)).toBe(false);
    const router = routerOf(express, { mergeParams: true });
    applyTo(router);
    router.ws('/:b', (ws, req) =>
      ws.send([req.params['a'], req.params['b'], req.query['c']].join()),
    );
    app.use('/:a', router);
    expect(await nextMessage(await open(await listen(app), '/1/2?c=3'))).toBe('1,2,3');
  });

  it('calls several handlers one after the other, with a next that may come later', async () => {
    const { app } = expressWs(express());
    const order: string[] = [];
    app.ws(
      '/a',
      (_ws, _req, next) => {
        order.push('first');
        next();
      },
      (_ws, _req, next) => {
        order.push('second');
        setTimeout(next, 20);
      },
      (ws, req) => {
        order.push('third');
        ws.send(String(req.ws === ws));
      },
    );
    const client = await open(await listen(app), '/a');
    expect(await nextMessage(client)).toBe('true');
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('goes on to the next route of the same path, past its plain GET', async () => {
    const { app } = expressWs(express());
    const router = routerOf(express);
    app.ws('/a/b', (ws, _req, next) => {
      ws.send('one');
      next();
    });
    app.get('/a/b', (_req, res) => res.send('a page'));
    router.ws('/b', (ws) => ws.send('two'));
    app.use('/a', router);
    const client = await open(await listen(app), '/a/b');
    const messages: unknown[] = [];
    client.on('message', (message) => messages.push(message));
    await expect.poll(() => messages).toEqual(['one', 'two']);
  });

  it('leaves the route for next("route")', async () => {
    const { app } = expressWs(express());
    const skipped = vi.fn();
    app.ws('/a', (_ws, _req, next) => next('route'), skipped);
    app.ws('/a', (ws) => ws.send('behind'));
    expect(await nextMessage(await open(await listen(app), '/a'))).toBe('behind');
    expect(skipped).not.toHaveBeenCalled();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such room');
      },
    ],
    [
      'passes on',
      (_ws: Socket, _req: Request, next: NextFunction) => next(new Error('no such room')),
    ],
  ])('gives error handlers what a handler %s, and closes as they answer', async (_how, handler) => {
    const { app } = expressWs(express());
    const seen: unknown[] = [];
    app.ws('/a', handler);
    app.use((error: Error, req: Request, res: Response, _next: NextFunction) => {
      seen.push(error.message, 'ws' in req);
      res.status(500).send('sorry');
    });
    const client = await open(await listen(app), '/a');
    await client.closed;
    expect(seen).toEqual(['no such room', true]);
  });

  it('lets an error handler use the socket', async () => {
    const { app } = expressWs(express());
    app.ws('/a', (_ws, _req, next) => next(new Error('no such room')));
    app.use((error: Error, req: Request & { ws?: Socket }, _res: Response, _next: NextFunction) => {
      req.ws?.close(4004, error.message);
    });
    const client = await open(await listen(app), '/a');
    expect(await client.closed).toMatchObject({ code: 4004, reason: 'no such room' });
  });

  it('leaves nobody open whom no route wants', async () => {
    const { app, getWss } = expressWs(express());
    app.ws('/a', echo);
    const ended = open(await listen(app), '/b').then(
      (client) => client.closed,
      () => 'refused',
    );
    expect(await ended).toBeDefined();
    await expect.poll(() => getWss().clients.size).toBe(0);
  });

  it('does not serve a plain GET from a route of ws', async () => {
    const { app } = expressWs(express());
    app.ws('/a', echo);
    expect((await fetchPlain(await listen(app), '/a')).status).toBe(404);
  });
});

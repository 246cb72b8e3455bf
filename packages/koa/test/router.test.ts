import Router, { type RouterContext, type RouterMiddleware } from '@koa/router';
import { describe, expect, it } from 'vitest';
import { ws } from '../src/index.ts';
import { nextMessage, Running } from './app.ts';
import { koas } from './koas.ts';

/** Says which route this is, and with which parameters. */
const where = ws((socket, { params, routerName }: RouterContext) => {
  socket.send(JSON.stringify([routerName, params]));
});

describe.each(koas)('A WebSocket in @koa/router: %s', (_name, Application) => {
  it('has the parameters of its path, and of the prefix', async () => {
    const app = new Application();
    const router = new Router({ prefix: '/api/:tenant' });
    router.get('/chat/:room', where);
    app.use(router.routes()).use(router.allowedMethods());
    const running = await Running.start(app);
    const socket = await running.connect('/api/acme/chat/se%20ven');
    expect(await nextMessage(socket)).toBe('[null,{"tenant":"acme","room":"se ven"}]');
    socket.destroy();
    expect(await running.refusal('/api/acme/chat')).toMatchObject({ status: 404 });
  });

  it('may stand in a nested router, behind the middleware of both', async () => {
    const app = new Application();
    const ran: string[] = [];
    const rooms = new Router();
    rooms.use(async (_ctx, next) => {
      ran.push('inner');
      await next();
    });
    rooms.get('/:room', where);
    const api = new Router({ prefix: '/api' });
    api.use(async (_ctx, next) => {
      ran.push('outer');
      await next();
    });
    api.use('/:tenant', rooms.routes());
    app.use(api.routes()).use(api.allowedMethods());
    const socket = await (await Running.start(app)).connect('/api/acme/7');
    const [, params] = JSON.parse(String(await nextMessage(socket)));
    expect(params).toMatchObject({ tenant: 'acme', room: '7' });
    expect(ran).toEqual(['outer', 'inner']);
    socket.destroy();
  });

  it('may have a name, middleware of its own, and router.param', async () => {
    const app = new Application();
    const router = new Router();
    router.param('room', async (room, ctx, next) => {
      if (room === 'none') ctx.throw(404, 'No such room');
      await next();
    });
    const login: RouterMiddleware = async (ctx, next) => {
      if (ctx.get('Authorization') === '') ctx.throw(401);
      await next();
    };
    router.get('chat', '/chat/:room', login, where);
    app.use(router.routes());
    const running = await Running.start(app);
    const headers = { Authorization: 'Bearer x' };
    expect(await running.refusal('/chat/7')).toMatchObject({ status: 401 });
    expect(await running.refusal('/chat/none', { headers })).toMatchObject({ status: 404 });
    const socket = await running.connect(String(router.url('chat', { room: 7 })), { headers });
    expect(await nextMessage(socket)).toBe('["chat",{"room":"7"}]');
    socket.destroy();
  });

  it('shares its path with a page, whichever is declared first', async () => {
    const app = new Application();
    const router = new Router();
    router.get('/a', where, (ctx) => {
      ctx.body = 'a page';
    });
    router.all('/b', where);
    router.get('/b', (ctx) => {
      ctx.body = 'a page';
    });
    app.use(router.routes()).use(router.allowedMethods());
    const running = await Running.start(app);
    for (const path of ['/a', '/b']) {
      expect(await running.get(path)).toMatchObject({ status: 200, body: 'a page' });
      const socket = await running.connect(path);
      expect(await nextMessage(socket)).toBe('[null,{}]');
      socket.destroy();
    }
  });

  it('is not where there is only a page', async () => {
    const app = new Application();
    const router = new Router();
    router.get('/page', (ctx) => {
      ctx.body = 'a page';
    });
    app.use(router.routes());
    const running = await Running.start(app);
    // A server may ignore Upgrade (RFC 9110 §7.8).
    expect(await running.refusal('/page')).toMatchObject({ status: 200, body: 'a page' });
  });
});

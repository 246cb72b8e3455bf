import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import { describe, expect, it, onTestFinished } from 'vitest';
import { websocket, ws } from '../src/index.ts';
import { Running, silent } from './app.ts';
import { koas } from './koas.ts';

const chat = ws(() => {});

describe.each(koas)('A plain request where there is a WebSocket: %s', (_name, Application) => {
  it('is answered 426 if it is a GET', async () => {
    const app = new Application();
    app.use(chat);
    const answer = await (await Running.start(app)).get('/');
    expect(answer).toMatchObject({
      status: 426,
      body: expect.stringContaining('there is only a WebSocket here'),
    });
    expect(answer.headers.get('upgrade')).toBe('websocket');
    expect(answer.headers.get('connection')).toBe('Upgrade');
  });

  it('is answered 426 without a body if it is a HEAD', async () => {
    const app = new Application();
    app.use(chat);
    const answer = await (await Running.start(app)).get('/', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 426, body: '' });
    expect(answer.headers.get('upgrade')).toBe('websocket');
  });

  it('is none of its business with another method', async () => {
    const app = new Application();
    app.use(chat);
    const answer = await (await Running.start(app)).get('/', { method: 'POST' });
    expect(answer).toMatchObject({ status: 404, body: 'Not Found' });
    expect(answer.headers.get('upgrade')).toBe(null);
  });

  it.each([
    ['a text', 'a page', 200, 'a page'],
    ['a stream', () => Readable.from(['a ', 'page']), 200, 'a page'],
    ['an object', { page: 1 }, 200, '{"page":1}'],
    ['no body, expressly', null, 204, ''],
  ])('is answered by the middleware behind it: %s', async (_what, body, status, text) => {
    const app = new Application();
    app.use(chat);
    app.use((ctx) => {
      ctx.body = typeof body === 'function' ? body() : body;
    });
    const answer = await (await Running.start(app)).get('/');
    expect(answer).toMatchObject({ status, body: text });
    expect(answer.headers.get('upgrade')).toBe(null);
  });

  it('has the status that the middleware behind it sets, 404 too', async () => {
    const app = silent(Application);
    app.use(chat);
    app.use((ctx) => {
      if (ctx.path === '/thrown') ctx.throw(404, 'No such room');
      ctx.status = Number(ctx.path.slice(1));
    });
    const running = await Running.start(app);
    expect(await running.get('/404')).toMatchObject({ status: 404, body: 'Not Found' });
    expect(await running.get('/304')).toMatchObject({ status: 304 });
    expect(await running.get('/thrown')).toMatchObject({ status: 404, body: 'No such room' });
  });

  it('keeps what the middleware before it has answered', async () => {
    const app = new Application();
    app.use(async (ctx, next) => {
      ctx.body = 'a page';
      await next();
    });
    app.use(chat);
    expect(await (await Running.start(app)).get('/')).toMatchObject({
      status: 200,
      body: 'a page',
    });
  });

  it('may be answered by middleware that bypasses Koa', async () => {
    const app = new Application();
    app.use(chat);
    app.use(async (ctx) => {
      ctx.respond = false;
      setTimeout(() => ctx.res.writeHead(200).end('a page'), 10);
    });
    const answer = await (await Running.start(app)).get('/');
    expect(answer).toMatchObject({ status: 200, body: 'a page' });
    expect(answer.headers.get('upgrade')).toBe(null);
  });

  it('is answered 426 once where there are two WebSockets', async () => {
    const app = new Application();
    app.use(chat).use(chat);
    const answer = await (await Running.start(app)).get('/');
    expect(answer).toMatchObject({
      status: 426,
      body: expect.stringContaining('there is only a WebSocket here'),
    });
  });

  it('leaves 405 and OPTIONS to the router', async () => {
    const app = new Application();
    const router = new Router();
    router.get('/chat', chat);
    router.post('/chat', (ctx) => {
      ctx.body = 'posted';
    });
    app.use(router.routes()).use(router.allowedMethods());
    const running = await Running.start(app);
    expect(await running.get('/chat')).toMatchObject({ status: 426 });
    expect(await running.get('/chat', { method: 'POST' })).toMatchObject({ body: 'posted' });
    for (const [method, status] of Object.entries({ DELETE: 405, OPTIONS: 200 })) {
      const answer = await running.get('/chat', { method });
      expect(answer.status, method).toBe(status);
      expect(answer.headers.get('allow')).toBe('HEAD, GET, POST');
    }
  });

  it('is answered 426 without fields that HTTP/2 does not have', async () => {
    const app = new Application();
    websocket(app);
    app.use(chat);
    const server = createServer(app.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      server.close();
    });
    const [headers] = await once(session.request({ ':path': '/' }), 'response');
    expect(headers).toMatchObject({ ':status': 426 });
    expect(headers).not.toHaveProperty('upgrade');
  });
});

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ws } from '../src/index.ts';
import { nextMessage, Running, silent } from './app.ts';
import { koas } from './koas.ts';

const greet = ws((socket) => socket.send('hello'));

describe.each(koas)('The middleware around an upgrade: %s', (_name, Application) => {
  it('runs whole before the 101, which it sees as any status', async () => {
    const app = new Application();
    const ran: unknown[] = [];
    app.use(async (ctx, next) => {
      ran.push('before');
      await next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      ran.push(['after', ctx.status]);
      ctx.set('X-Response-Time', '20ms');
    });
    app.use(ws(() => void ran.push('handler')));
    const running = await Running.start(app);
    const { response } = await running.handshake({ path: '/' });
    expect(response).toMatchObject({ status: 101, reason: 'Switching Protocols', body: '' });
    expect(response.header('X-Response-Time')).toBe('20ms');
    expect(ran).toEqual(['before', ['after', 101], 'handler']);
  });

  it('may refuse with a whole response', async () => {
    const app = silent(Application);
    app.use((ctx) => ctx.throw(401, 'Log in first', { headers: { 'WWW-Authenticate': 'Bearer' } }));
    app.use(ws(() => expect.unreachable()));
    const refusal = await (await Running.start(app)).refusal('/');
    expect(refusal).toMatchObject({ status: 401, body: 'Log in first' });
    expect(refusal.headers['www-authenticate']).toBe('Bearer');
  });

  it('may refuse with another status afterwards', async () => {
    const app = new Application();
    app.use(async (ctx, next) => {
      await next();
      ctx.status = 403;
    });
    app.use(ws(() => expect.unreachable()));
    const refusal = await (await Running.start(app)).refusal('/');
    expect(refusal).toMatchObject({ status: 403, body: 'Forbidden' });
  });

  it('may answer with a body afterwards, in place of the 101', async () => {
    const app = new Application();
    app.use(async (ctx, next) => {
      await next();
      ctx.body = { error: 'not today' };
    });
    app.use(ws(() => expect.unreachable()));
    const refusal = await (await Running.start(app)).refusal('/');
    expect(refusal).toMatchObject({ status: 200, body: '{"error":"not today"}' });
  });

  it('answers with the status of what it throws afterwards', async () => {
    const app = silent(Application);
    app.use(async (ctx, next) => {
      await next();
      if (ctx.path === '/full') ctx.throw(409, 'We are full');
      throw new Error('the log is full');
    });
    app.use(ws(() => expect.unreachable()));
    const running = await Running.start(app);
    expect(await running.refusal('/')).toMatchObject({
      status: 500,
      body: 'Internal Server Error',
    });
    expect(await running.refusal('/full')).toMatchObject({ status: 409, body: 'We are full' });
  });

  it('answers no 101 if it catches what is thrown afterwards, and sets only a body', async () => {
    const app = new Application();
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        ctx.body = String(error);
      }
    });
    app.use(async (_ctx, next) => {
      await next();
      throw new Error('the log is full');
    });
    app.use(ws(() => expect.unreachable()));
    expect(await (await Running.start(app)).refusal('/')).toMatchObject({
      status: 200,
      body: 'Error: the log is full',
    });
  });

  it('cannot have a body follow the 101', async () => {
    const app = new Application();
    app.use(async (ctx, next) => {
      ctx.status = 202;
      ctx.body = ctx.path === '/stream' ? Readable.from(['a ', 'page']) : 'a page';
      await next();
      if (ctx.path === '/again') ctx.body = 'more';
    });
    app.use(greet);
    const running = await Running.start(app);
    for (const path of ['/', '/again', '/stream']) {
      const { peer, response } = await running.handshake({ path });
      expect(response).toMatchObject({ status: 101, reason: 'Switching Protocols' });
      for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) {
        expect(response.header(name), name).toBeUndefined();
      }
      await peer.receivesText('hello');
    }
  });

  it('refuses another origin as Koa answers any error', async () => {
    const app = new Application();
    const errors: unknown[] = [];
    app.on('error', (error) => errors.push(error));
    app.use(ws(() => expect.unreachable()));
    const refusal = await (await Running.start(app)).refusal('/', {
      headers: { Origin: 'https://evil.example' },
    });
    expect(refusal.status).toBe(403);
    expect(refusal.body).toContain('https://evil.example');
    expect(errors).toMatchObject([{ code: 'WS_HANDSHAKE_ORIGIN', expose: true }]);
  });

  it('compares the origin with the host that a proxy names, where the proxy is trusted', async () => {
    const headers = { Origin: 'https://chat.example', 'X-Forwarded-Host': 'chat.example' };
    const app = silent(Application);
    app.use(greet);
    const running = await Running.start(app);
    expect(await running.refusal('/', { headers })).toMatchObject({ status: 403 });
    app.proxy = true;
    const socket = await running.connect('/', { headers });
    expect(await nextMessage(socket)).toBe('hello');
    socket.destroy();
  });

  it.each([
    ['a proxy that is trusted names the client', true, 101],
    ['no proxy is trusted', false, 503],
  ])('counts the connections of each client: %s', async (_what, proxy, second) => {
    const app = silent(Application);
    app.proxy = proxy;
    app.use(greet);
    const running = await Running.start(app, { limits: { maxConnectionsPerAddress: 1 } });
    const from = async (address: string) => {
      const options = { headers: { 'X-Forwarded-For': address } };
      const opened = running.connect('/', options);
      return await opened.then(
        () => ({ status: 101, headers: {} }),
        () => running.refusal('/', options),
      );
    };
    expect((await from('192.0.2.1')).status).toBe(101);
    expect((await from('192.0.2.2')).status).toBe(second);
    const refused = await from('192.0.2.1');
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  it("runs in the storage that Koa's currentContext looks into, and so does the handler", async () => {
    const app = new Application({ asyncLocalStorage: true });
    const found: unknown[] = [];
    app.use(async (ctx, next) => {
      await next();
      found.push(app.currentContext === ctx);
    });
    app.use(
      ws(async (socket, ctx) => {
        found.push(app.currentContext === ctx);
        for await (const message of socket) found.push(message, app.currentContext === ctx);
      }),
    );
    const socket = await (await Running.start(app)).connect('/');
    socket.send('hello');
    await socket.close();
    await expect.poll(() => found).toEqual([true, true, 'hello', true]);
  });
});

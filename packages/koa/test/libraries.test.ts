import helmet from 'koa-helmet';
import ratelimit from 'koa-ratelimit';
import session from 'koa-session';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ws } from '../src/index.ts';
import { nextMessage, Running } from './app.ts';
import { koas } from './koas.ts';
import { SessionStore } from './session-store.ts';

describe.each(koas)('The usual middleware: %s', (_name, Application) => {
  it('koa-session has its signed cookie in the 101', async () => {
    const app = new Application();
    app.keys = ['secret'];
    app.use(session(app));
    app.use(async (ctx, next) => {
      ctx['session'].visits = (ctx['session'].visits ?? 0) + 1;
      await next();
    });
    app.use(ws((socket, ctx) => socket.send(String(ctx['session'].visits))));
    const running = await Running.start(app);
    const { response } = await running.handshake({ path: '/' });
    expect(response.status).toBe(101);
    const cookies = response.headers
      .filter(([name]) => name.toLowerCase() === 'set-cookie')
      .map(([, value]) => value.split(';')[0]);
    expect(cookies).toHaveLength(2);
    const socket = await running.connect('/', { headers: { Cookie: cookies.join('; ') } });
    expect(await nextMessage(socket)).toBe('2');
    socket.destroy();
  });

  it('koa-session has stored the session before the 101', async () => {
    const app = new Application();
    const store = new SessionStore();
    app.use(session({ store, signed: false }, app));
    app.use(async (ctx, next) => {
      ctx['session'].user = 'ada';
      await next();
    });
    app.use(
      ws((socket, ctx) => {
        ctx['session'].user = 'too late: the session is as it was when the connection opened';
        socket.send(JSON.stringify([...store.sessions.values()]));
      }),
    );
    const socket = await (await Running.start(app)).connect('/');
    const [stored] = JSON.parse(String(await nextMessage(socket)));
    expect(stored).toMatchObject({ user: 'ada' });
    socket.destroy();
  });

  it('koa-helmet and koa-ratelimit have their fields in the 101, and in the 429', async () => {
    const app = new Application();
    app.use(helmet());
    app.use(ratelimit({ driver: 'memory', db: new Map(), max: 1, duration: 60_000 }));
    app.use(ws(() => {}));
    const running = await Running.start(app);
    const { response } = await running.handshake({ path: '/' });
    expect(response.status).toBe(101);
    expect(response.header('X-Content-Type-Options')).toBe('nosniff');
    expect(response.header('X-RateLimit-Limit')).toBe('1');
    const refusal = await running.refusal('/');
    expect(refusal.status).toBe(429);
    expect(refusal.headers).toMatchObject({
      'retry-after': expect.any(String),
      'x-content-type-options': 'nosniff',
      'x-ratelimit-remaining': '0',
    });
  });

  it('ws is understood, and understands', async () => {
    const app = new Application();
    app.use(ws((socket) => void socket.on('message', (message) => socket.send(message))));
    const { port } = await Running.start(app);
    const client = new WebSocket(`ws://127.0.0.1:${port}/`);
    client.on('open', () => client.send('hello'));
    const message = await new Promise((resolve) => client.on('message', resolve));
    expect(String(message)).toBe('hello');
    client.close();
  });
});

import { describe, expect, it } from 'vitest';
import { ws } from '../src/index.ts';
import { Running } from './app.ts';
import { koas } from './koas.ts';

const failure = new Error('no such room');
const fail = ws(() => Promise.reject(failure));

describe.each(koas)('What a handler throws or rejects with: %s', (_name, Application) => {
  it("goes to the application's error listeners with the context, and closes with 1011", async () => {
    const app = new Application();
    const errors: unknown[] = [];
    app.on('error', (error, ctx) => errors.push([error, ctx.path]));
    app.use(fail);
    const socket = await (await Running.start(app)).connect('/room');
    expect(await socket.closed).toMatchObject({ code: 1011 });
    expect(errors).toEqual([[failure, '/room']]);
  });

  it("goes to Koa's own listener where there is no other", async () => {
    const app = new Application();
    const logged: unknown[] = [];
    app.onerror = (error) => void logged.push(error);
    app.use(fail);
    const running = await Running.start(app);
    await (await running.connect('/')).closed;
    expect(logged).toEqual([failure]);
    expect(app.listenerCount('error')).toBe(1);
  });

  it('is an error by the time that listeners get it', async () => {
    const app = new Application();
    const errors: unknown[] = [];
    app.on('error', (error) => errors.push(error));
    app.use(ws(() => Promise.reject('a string')));
    await (await (await Running.start(app)).connect('/')).closed;
    expect(errors).toEqual([new Error("non-error thrown: 'a string'")]);
  });

  it("goes to the application's onError, or the route's in its place", async () => {
    const app = new Application();
    const calls: unknown[] = [];
    app.on('error', () => expect.unreachable());
    app.use(async (ctx, next) => (ctx.path === '/own' ? own(ctx, next) : fail(ctx, next)));
    const own = ws(() => Promise.reject(failure), {
      onError: (error, socket, ctx) => calls.push(['route', error, socket.state, ctx.path]),
    });
    const running = await Running.start(app, {
      onError: (error, socket, ctx) => calls.push(['app', error, socket.state, ctx.path]),
    });
    await (await running.connect('/')).closed;
    await (await running.connect('/own')).closed;
    expect(calls).toEqual([
      ['app', failure, 'open', '/'],
      ['route', failure, 'open', '/own'],
    ]);
  });
});

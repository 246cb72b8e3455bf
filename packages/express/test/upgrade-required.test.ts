import type { NextFunction, Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { websocket, ws } from '../src/index.ts';
import { copies, type ExpressCopy } from './express-copies.ts';
import { fetchPlain, listen } from './running.ts';

const socket = ws(() => {});

describe.each(copies)('a plain GET where there is only a WebSocket, in %s', (_name, express) => {
  it('is answered 426 with what it must have, and a sentence', async () => {
    const { app, answer } = build(express);
    app.get('/chat', socket);
    const { status, reason, headers, body } = await answer('/chat?a=b');
    expect({ status, reason }).toEqual({ status: 426, reason: 'Upgrade Required' });
    expect(headers).toMatchObject({
      upgrade: 'websocket',
      connection: 'Upgrade, close',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
    });
    expect(body).toMatch(/only a WebSocket/);
  });

  it('is the same for a HEAD, without a body', async () => {
    const { app, answer } = build(express);
    app.get('/chat/:room', socket);
    const { status, headers, body } = await answer('/chat/se%20ven-1?a=b', { method: 'HEAD' });
    expect({ status, body, upgrade: headers.upgrade }).toEqual({
      status: 426,
      body: '',
      upgrade: 'websocket',
    });
  });

  it('is the same in a router, in a mounted application, twice on one path, and in app.use', async () => {
    const { app, answer } = build(express);
    app.use('/router', express.Router().get('/chat', socket));
    app.use('/app', express().get('/chat', socket));
    app.get('/twice', socket, socket);
    app.get('/twice', socket);
    app.use('/use', socket);
    for (const path of ['/router/chat', '/app/chat', '/twice', '/use']) {
      expect([path, (await answer(path)).status]).toEqual([path, 426]);
    }
  });

  it('is the same for an Upgrade that the client does not wish for', async () => {
    const { app, answer } = build(express);
    app.get('/chat', socket);
    expect((await answer('/chat', { headers: { Upgrade: 'websocket' } })).status).toBe(426);
  });

  it('keeps a connection that is to be kept', async () => {
    const { app, host } = build(express);
    app.get('/chat', socket);
    const response = await fetch(`http://${await host()}/chat`);
    expect(response.headers.get('connection')).toBe('Upgrade');
    await response.text();
  });

  it('stays the 404 of every other method and path', async () => {
    const { app, answer } = build(express);
    app.use('/chat', socket);
    app.get('/only', socket);
    expect((await answer('/chat', { method: 'POST' })).status).toBe(404);
    expect((await answer('/only', { method: 'POST' })).status).toBe(404);
    expect(await answer('/other')).toMatchObject({ status: 404 });
  });

  it("stays the application's own 404, of a page and of a last middleware", async () => {
    const { app, answer } = build(express);
    app.get('/chat/:room', socket, (_request, response) => response.status(404).send('no room'));
    app.get('/feed', socket);
    app.use((request, response, next) => {
      if (request.query['page'] === undefined) return next();
      response.status(404).send(`<pre>Cannot GET ${request.path}</pre>`);
    });
    expect(await answer('/chat/7')).toMatchObject({ status: 404, body: 'no room' });
    expect((await answer('/chat/7', { method: 'HEAD' })).status).toBe(404);
    // As Express would put it, but the application has.
    expect(await answer('/feed?page')).toMatchObject({
      status: 404,
      body: '<pre>Cannot GET /feed</pre>',
    });
    expect((await answer('/feed')).status).toBe(426);
  });

  it('stays the 404 that an asynchronous handler answers later', async () => {
    const { app, answer } = build(express);
    app.get('/chat', socket, (_request, response) => {
      setTimeout(() => response.sendStatus(404), 20);
    });
    expect(await answer('/chat')).toMatchObject({ status: 404, body: 'Not Found' });
  });

  it('stays the 404 of an error, with an error handler and without', async () => {
    const { app, answer } = build(express);
    const fail = (request: Request, _response: Response, next: NextFunction) =>
      next(Object.assign(new Error('Cannot GET /chat'), { status: 404, from: request.path }));
    app.get('/chat', socket, fail);
    expect(await answer('/chat')).toMatchObject({ status: 404 });
    expect((await answer('/chat')).body).toContain('Error: Cannot GET /chat');
    expect((await answer('/chat', { method: 'HEAD' })).status).toBe(404);
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
      response.status(404).send(error.message);
    });
    expect(await answer('/chat')).toMatchObject({ status: 404, body: 'Cannot GET /chat' });
  });

  it('says to whoever forgot to call websocket(app) that nobody takes the upgrades', async () => {
    const app = express();
    app.get('/chat', socket);
    const host = await listen(app);
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    expect(await fetchPlain(host, '/chat', { headers })).toMatchObject({
      status: 426,
      body: expect.stringContaining('websocket(app)'),
    });
  });
});

function build(express: ExpressCopy) {
  const app = express();
  websocket(app);
  let listening: Promise<string> | undefined;
  const host = (): Promise<string> => {
    listening ??= listen(app);
    return listening;
  };
  const answer = async (path: string, options?: Parameters<typeof fetchPlain>[2]) =>
    fetchPlain(await host(), path, options);
  return { app, host, answer };
}

import type { NextFunction, Request, Response } from 'express';
import onHeaders from 'on-headers';
import { describe, expect, it, vi } from 'vitest';
import { websocket, ws } from '../src/index.ts';
import { copies, type ExpressCopy } from './express-copies.ts';
import { listen, nextMessage, open, refusalOf } from './running.ts';

const hello = ws((socket) => socket.send('hello'));
const foreign = { headers: { Origin: 'https://evil.example' } };

describe.each(copies)('a refusal in %s', (_name, express) => {
  it('comes from any middleware, as a whole response', async () => {
    const app = build(express);
    const handler = vi.fn();
    app.get(
      '/a',
      (_request, response) => {
        response
          .status(401)
          .set('WWW-Authenticate', 'Bearer')
          .cookie('a', '1')
          .json({ who: 'you' });
      },
      ws(handler),
    );
    const { status, headers, body } = await refusalOf(await listen(app), '/a');
    expect({ status, body }).toEqual({ status: 401, body: '{"who":"you"}' });
    expect(headers).toMatchObject({
      'www-authenticate': 'Bearer',
      'set-cookie': 'a=1; Path=/',
      connection: 'close',
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('is 403 for a page of another origin, and goes through the error handlers', async () => {
    const app = build(express);
    app.get('/a', hello);
    const host = await listen(app);
    expect((await refusalOf(host, '/a', foreign)).status).toBe(403);
    app.use(
      (error: { code: string }, _request: Request, response: Response, next: NextFunction) => {
        if (response.headersSent) next(error);
        else response.status(499).send(error.code);
      },
    );
    expect(await refusalOf(host, '/a', foreign)).toMatchObject({
      status: 499,
      body: 'WS_HANDSHAKE_ORIGIN',
    });
  });

  it('is what fails as the 101 leaves, whether the error handler has a status or not', async () => {
    const app = build(express);
    const handler = vi.fn();
    app.use((_request, response, next) => {
      onHeaders(response, function () {
        if (this.statusCode === 101) throw new Error('in a header listener');
      });
      next();
    });
    app.get('/a', ws(handler));
    const host = await listen(app);
    expect((await refusalOf(host, '/a')).status).toBe(500);
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
      response.send(error.message);
    });
    expect(await refusalOf(host, '/a')).toMatchObject({
      status: 500,
      body: 'in a header listener',
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('is 500 for a subprotocol that was not offered', async () => {
    const app = build(express);
    app.get(
      '/a',
      ws(() => {}, { subprotocols: () => 'made-up' }),
    );
    expect((await refusalOf(await listen(app), '/a')).status).toBe(500);
  });

  it('comes after an asynchronous middleware that found its client gone, to nobody', async () => {
    const app = build(express);
    const handler = vi.fn();
    const reached = vi.fn();
    app.get(
      '/a',
      (request, _response, next) => {
        request.socket.destroy();
        reached();
        setTimeout(next, 20);
      },
      ws(handler),
    );
    await expect(open(await listen(app), '/a')).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([reached.mock.calls.length, handler.mock.calls.length]).toEqual([1, 0]);
  });
});

describe.each(copies)('the rule of the same origin, behind a proxy, in %s', (_name, express) => {
  const page = { Origin: 'https://chat.example:8443' };

  it.each([
    ['chat.example:8443', true],
    ['chat.example:8443, inner.proxy', true],
    ['chat.example', false],
    ['other.example:8443', false],
  ])('believes a trusted X-Forwarded-Host: %s, %s', async (forwarded, allowed) => {
    const app = build(express).set('trust proxy', 'loopback');
    app.get('/a', hello);
    const host = await listen(app);
    const headers = { ...page, 'X-Forwarded-Host': forwarded };
    if (allowed) expect(await nextMessage(await open(host, '/a', { headers }))).toBe('hello');
    else expect((await refusalOf(host, '/a', { headers })).status).toBe(403);
  });

  it.each([false, '10.0.0.1'])('believes no other, trust proxy being %s', async (trust) => {
    const app = build(express).set('trust proxy', trust);
    app.get('/a', hello);
    const host = await listen(app);
    const headers = { ...page, 'X-Forwarded-Host': 'chat.example:8443' };
    expect((await refusalOf(host, '/a', { headers })).status).toBe(403);
    const own = { Origin: `http://${host}`, 'X-Forwarded-Host': 'chat.example:8443' };
    expect(await nextMessage(await open(host, '/a', { headers: own }))).toBe('hello');
  });

  it('takes the Host where the proxy says nothing', async () => {
    const app = build(express).set('trust proxy', true);
    app.get('/a', hello);
    const host = await listen(app);
    const headers = { Origin: `http://${host}` };
    expect(await nextMessage(await open(host, '/a', { headers }))).toBe('hello');
  });
});

describe.each(copies)('the connections of an address, in %s', (_name, express) => {
  it.each([
    ['a trusted proxy names the client', 'loopback', 101],
    ['nobody is trusted to', false, 503],
  ])('are counted as those of the client: %s', async (_what, trust, second) => {
    const app = express().set('trust proxy', trust);
    websocket(app, { limits: { maxConnectionsPerAddress: 1 } });
    app.get('/a', hello);
    const host = await listen(app);
    const from = async (address: string) => {
      const options = { headers: { 'X-Forwarded-For': address } };
      return await open(host, '/a', options).then(
        () => ({ status: 101, headers: {} }),
        () => refusalOf(host, '/a', options),
      );
    };
    expect((await from('192.0.2.1')).status).toBe(101);
    expect((await from('192.0.2.2')).status).toBe(second);
    const refused = await from('192.0.2.1');
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

function build(express: ExpressCopy) {
  const app = express();
  websocket(app);
  return app;
}

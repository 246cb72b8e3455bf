import cors from 'cors';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import morgan from 'morgan';
import passport from 'passport';
import { Strategy } from 'passport-http-bearer';
import { describe, expect, it } from 'vitest';
import { websocket, ws } from '../src/index.ts';
import { copies, type ExpressCopy } from './express-copies.ts';
import { fetchPlain, listen, nextMessage, open, refusalOf, switched } from './running.ts';

describe.each(copies)('middleware that everybody uses, in %s', (_name, express) => {
  it('express-session: one session for pages and WebSockets, saved before the 101 leaves', async () => {
    const app = build(express);
    app.use(session({ secret: 'secret', resave: false, saveUninitialized: true }));
    app.get('/visits', (request, _response, next) => {
      const visits = Number(Reflect.get(request.session, 'visits') ?? 0) + 1;
      Object.assign(request.session, { visits });
      next();
    });
    app.get(
      '/visits',
      ws((socket, request) => socket.send(String(Reflect.get(request.session, 'visits')))),
      (request, response) => response.send(String(Reflect.get(request.session, 'visits'))),
    );
    const host = await listen(app);
    const { headers } = await switched(host, '/visits');
    const Cookie = (headers['set-cookie']?.[0] ?? '').split(';', 1)[0] ?? '';
    expect(Cookie).toMatch(/^connect\.sid=/);
    expect((await fetchPlain(host, '/visits', { headers: { Cookie } })).body).toBe('2');
    expect(await nextMessage(await open(host, '/visits', { headers: { Cookie } }))).toBe('3');
  });

  it('helmet and cors: their header fields are in the 101', async () => {
    const app = build(express);
    app.use(helmet(), cors({ origin: 'https://a.example' }));
    app.get(
      '/a',
      ws(() => {}, { origins: ['https://a.example'] }),
    );
    const { headers } = await switched(await listen(app), '/a', { origin: 'https://a.example' });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': 'https://a.example',
    });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });

  it('express-rate-limit: what is left is in the 101, and then comes 429', async () => {
    const app = build(express);
    app.use(rateLimit({ limit: 2, windowMs: 60_000, standardHeaders: 'draft-7' }));
    app.get(
      '/a',
      ws(() => {}),
    );
    const host = await listen(app);
    const { headers } = await switched(host, '/a');
    expect(headers['ratelimit']).toBe('limit=2, remaining=1, reset=60');
    await open(host, '/a');
    const refused = await refusalOf(host, '/a');
    expect(refused).toMatchObject({ status: 429, body: expect.stringContaining('Too many') });
    expect(refused.headers['retry-after']).toBe('60');
  });

  it('morgan: a line for each upgrade, a 101 too', async () => {
    const app = build(express);
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line.trim()) };
    app.use(morgan(':method :url :status', { stream }));
    app.get(
      '/a',
      ws((socket) => socket.send('open')),
    );
    const host = await listen(app);
    await nextMessage(await open(host, '/a?b=c'));
    await refusalOf(host, '/nowhere');
    await expect.poll(() => lines).toEqual(['GET /a?b=c 101', 'GET /nowhere 404']);
  });

  it('passport: 401 with WWW-Authenticate, or a user in the handler', async () => {
    const app = build(express);
    const authenticator = new passport.Passport();
    authenticator.use(
      new Strategy((token, done) => {
        setTimeout(() => done(null, token === 'ada' && { name: 'Ada' }), 10);
      }),
    );
    app.use(authenticator.initialize());
    app.get(
      '/a',
      authenticator.authenticate('bearer', { session: false }),
      ws((socket, request) => socket.send(JSON.stringify(request.user))),
    );
    const host = await listen(app);
    const refused = await refusalOf(host, '/a');
    expect(refused).toMatchObject({ status: 401, body: 'Unauthorized' });
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="Users"');
    const headers = { Authorization: 'Bearer ada' };
    expect(await nextMessage(await open(host, '/a', { headers }))).toBe('{"name":"Ada"}');
  });
});

function build(express: ExpressCopy) {
  const app = express();
  websocket(app);
  return app;
}

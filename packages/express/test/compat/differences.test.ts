import { once } from 'node:events';
import type { Response } from 'express';
import session from 'express-session';
import morgan from 'morgan';
import { describe, expect, it, vi } from 'vitest';
import { fetchPlain, listen, nextMessage, open, refusalOf, switched } from '../running.ts';
import { original, ours, type Socket, type Subject } from './subjects.ts';

/** Where this package is not express-ws, on purpose: the table in the README. */
describe.each(ours)('$name', ({ express, expressWs }) => {
  it('runs middleware before the handshake, which it may refuse', async () => {
    const { app, getWss } = expressWs(express());
    app.use((_req, res) => void res.status(401).set('WWW-Authenticate', 'Bearer').send('who?'));
    app.ws('/a', () => {});
    const { status, headers, body } = await refusalOf(await listen(app), '/a');
    expect({ status, body }).toEqual({ status: 401, body: 'who?' });
    expect(headers['www-authenticate']).toBe('Bearer');
    expect(getWss().clients.size).toBe(0);
  });

  it('has the cookies of middleware in the 101', async () => {
    const { app } = expressWs(express());
    app.use(session({ secret: 'secret', resave: false, saveUninitialized: true }));
    app.ws('/a', (ws, req) => ws.send(req.sessionID));
    const host = await listen(app);
    const { headers } = await switched(host, '/a');
    const Cookie = String(headers['set-cookie']).split(';', 1)[0] ?? '';
    const id = await nextMessage(await open(host, '/a', { headers: { Cookie } }));
    expect(Cookie).toContain(String(id));
  });

  it('answers 404 to an upgrade that no route wants, and the page to one of a page', async () => {
    const { app } = expressWs(express());
    app.ws('/a', () => {});
    app.get('/page', (_req, res) => res.send('a page'));
    const host = await listen(app);
    expect((await refusalOf(host, '/nowhere')).body).toContain('Cannot GET /nowhere');
    expect((await refusalOf(host, '/page')).status).toBe(404);
    expect((await fetchPlain(host, '/page')).body).toBe('a page');
  });

  it('holds messages until a handler listens, though it be the last of a slow chain', async () => {
    const { app } = expressWs(express());
    app.ws(
      '/a',
      (_ws, _req, next) => void setTimeout(next, 30),
      async (ws) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        ws.on('message', (message: string) => ws.send(`got ${message}`));
      },
    );
    const client = await open(await listen(app), '/a');
    client.send('the first');
    expect(await nextMessage(client)).toBe('got the first');
  });

  it('gives error handlers what a handler rejects with', async () => {
    const { app } = expressWs(express());
    const errors: unknown[] = [];
    const failure = new Error('no such room');
    app.ws('/a', async () => {
      throw failure;
    });
    app.use((error: unknown, _req: unknown, res: Response, _next: unknown) => {
      errors.push(error);
      res.status(500).json({});
    });
    const client = await open(await listen(app), '/a');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(errors).toEqual([failure]);
  });

  it('closes what a handler fails at, if nobody handles the error', async () => {
    const { app } = expressWs(express());
    app.ws('/a', (_ws, _req, next) => next(new Error('no such room')));
    app.ws('/b', (_ws, _req, next) => next(Object.assign(new Error('no'), { status: 404 })));
    const host = await listen(app);
    expect(await (await open(host, '/a')).closed).toMatchObject({ code: 1011 });
    expect(await (await open(host, '/b')).closed).toMatchObject({ code: 1008 });
  });

  it('survives what a listener throws', async () => {
    const onError = vi.fn();
    const { app } = expressWs(express(), null, { onError } as object);
    app.ws('/a', (ws) => {
      ws.on('message', () => {
        throw new Error('in a listener');
      });
    });
    const client = await open(await listen(app), '/a');
    client.send('hello');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('closes with 1008 when a last middleware answers 404 to what has called next', async () => {
    const { app } = expressWs(express());
    app.ws('/a', (_ws, _req, next) => next());
    app.use((_req, res) => void res.status(404).send('nothing'));
    expect(await (await open(await listen(app), '/a')).closed).toMatchObject({ code: 1008 });
  });

  it('has the path of the client in the handler and in the log, which has a 101', async () => {
    const { app } = expressWs(express());
    const lines: string[] = [];
    app.use(morgan(':url :status', { stream: { write: (line) => void lines.push(line.trim()) } }));
    const router = express.Router();
    Object(expressWs(app).applyTo)(router);
    Object(router).ws('/:room', (ws: Socket, req: Record<string, unknown>, next: () => void) => {
      ws.send([req['url'], req['originalUrl'], req['baseUrl'], req['path']].join());
      next();
    });
    app.use('/chat', router);
    const client = await open(await listen(app), '/chat/7?a=b');
    expect(await nextMessage(client)).toBe('/7?a=b,/chat/7?a=b,/chat,/7');
    await expect.poll(() => lines).toEqual(['/chat/7?a=b 101']);
  });

  it('lets pages of the same origin connect only, unless it is told otherwise', async () => {
    const headers = { Origin: 'https://a.example' };
    const { app } = expressWs(express());
    app.ws('/a', () => {});
    expect((await refusalOf(await listen(app), '/a', { headers })).status).toBe(403);
    const { app: open_ } = expressWs(express(), null, { origins: '*' } as object);
    open_.ws('/a', () => {});
    await open(await listen(open_), '/a', { headers });
  });

  it('refuses by their names the options of ws that have no counterpart, and odd paths', () => {
    const wsOptions = (options: object) => () => expressWs(express(), null, { wsOptions: options });
    expect(wsOptions({ verifyClient: () => true })).toThrow(/wsOptions\.verifyClient.*middleware/);
    expect(wsOptions({ perMessageDeflate: { serverMaxWindowBits: 8 } })).toThrow(
      /compression\.serverMaxWindowBits/,
    );
    expect(wsOptions({ clientTracking: false })).toThrow(/wsOptions\.clientTracking/);
    expect(wsOptions({ maxPayload: 0 })).toThrow(/maxMessageBytes/);
    expect(wsOptions({ perMessageDeflate: false, path: undefined })).not.toThrow();
    const { app } = expressWs(express());
    expect(() => Object(app).ws(/a/, () => {})).toThrow(/must be a string/);
  });

  it.each([
    [{ level: 1 }, 'level'],
    [{ concurencyLimit: 5 }, 'concurencyLimit'],
    [{ zlibDeflateOptions: { strategy: 1 } }, 'zlibDeflateOptions.strategy'],
    [{ zlibDeflateOptions: { levle: 1 } }, 'zlibDeflateOptions.levle'],
    [{ zlibInflateOptions: { level: 1 } }, 'zlibInflateOptions.level'],
  ])(
    'refuses what perMessageDeflate cannot have, as it was written: %o',
    (perMessageDeflate, name) => {
      const refused = { name: 'UsageError', code: 'WS_INVALID_OPTION' };
      const message = expect.stringContaining(`wsOptions.perMessageDeflate.${name} `);
      const use = () => expressWs(express(), null, { wsOptions: { perMessageDeflate } as object });
      expect(use).toThrow(expect.objectContaining({ ...refused, message }));
    },
  );

  it('closes with 1001 by getWss().close, and says when it has', async () => {
    const { app, getWss } = expressWs(express());
    app.ws('/a', () => {});
    const client = await open(await listen(app), '/a');
    const closed = once(Object(getWss()), 'close');
    await new Promise((resolve) => Object(getWss()).close(resolve));
    await closed;
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(Object(getWss()).sockets.stats().connections).toBe(0);
  });

  it('has several servers for one application, each with its clients', async () => {
    const app = express();
    const first = expressWs(app);
    const host = await listen(app);
    const second = expressWs(app, app.listen(0, '127.0.0.1').unref());
    first.app.ws('/a', () => {});
    await open(host, '/a');
    expect([first.getWss().clients.size, second.getWss().clients.size].toSorted()).toEqual([0, 1]);
  });
});

/** What the table says of express-ws itself, so far as it is not a crash. */
describe(original.name, () => {
  it('has performed the handshake when middleware refuses', async () => {
    const { app } = build(original);
    app.use((_req, res) => void res.status(401).send('who?'));
    app.ws('/a', () => {});
    expect(await (await open(await listen(app), '/a')).closed).toMatchObject({ code: 1005 });
  });

  it('accepts upgrades that no route wants', async () => {
    const { app } = build(original);
    expect(await (await open(await listen(app), '/a')).closed).toMatchObject({ code: 1005 });
  });

  it('loses messages that come before the listener', async () => {
    const { app } = build(original);
    app.ws('/a', async (ws) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ws.on('message', (message: string) => ws.send(`got ${message}`));
      ws.send('listening');
    });
    const client = await open(await listen(app), '/a');
    const messages: unknown[] = [];
    client.on('message', (message) => messages.push(message));
    client.send('the first');
    await expect.poll(() => messages).toEqual(['listening']);
    client.send('the second');
    await expect.poll(() => messages).toEqual(['listening', 'got the second']);
  });
});

function build({ express, expressWs }: Subject) {
  return expressWs(express());
}

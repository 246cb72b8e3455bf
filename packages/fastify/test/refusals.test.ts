import { connect } from '@heddle/node';
import { describe, expect, it } from 'vitest';
import { buildApp, LogLines, listen, refusalOf } from './app.ts';

describe('a plain GET where there is only a WebSocket', () => {
  it('is answered 426, with the protocol that it takes', async () => {
    const app = await buildApp();
    app.ws('/rooms/:room', () => {});
    for (const method of ['GET', 'HEAD'] as const) {
      const { statusCode, headers } = await app.inject({ method, url: '/rooms/7?a=1' });
      expect(statusCode).toBe(426);
      expect(headers).toMatchObject({ upgrade: 'websocket', connection: 'Upgrade' });
    }
    expect((await app.inject('/rooms/7')).json()).toMatchObject({
      statusCode: 426,
      code: 'WS_HANDSHAKE_UPGRADE',
      error: 'Upgrade Required',
    });
  });

  it('is the same for { websocket: true }, with its HEAD', async () => {
    const app = await buildApp();
    app.get('/feed', { websocket: true }, () => expect.unreachable());
    expect((await app.inject('/feed')).statusCode).toBe(426);
    expect((await app.inject({ method: 'HEAD', url: '/feed' })).statusCode).toBe(426);
  });

  it("goes through the application's error handler, and runs nothing of the route", async () => {
    const app = await buildApp();
    app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
      reply.code(error.statusCode ?? 500).send('mine'),
    );
    app.ws('/a', { preHandler: async () => expect.unreachable() }, () => {});
    const { statusCode, headers, body } = await app.inject('/a');
    expect({ statusCode, body }).toEqual({ statusCode: 426, body: 'mine' });
    expect(headers).toMatchObject({ upgrade: 'websocket', connection: 'Upgrade' });
  });

  it('is not, for another method or another path', async () => {
    const app = await buildApp();
    app.ws('/rooms/:room', () => {});
    expect((await app.inject({ method: 'POST', url: '/rooms/7' })).statusCode).toBe(404);
    expect((await app.inject('/rooms')).statusCode).toBe(404);
    expect((await app.inject('/rooms/%zz')).statusCode).toBe(400);
  });

  it('is not where another route serves it', async () => {
    const app = await buildApp();
    app.ws('/rooms/:room', () => {});
    app.get('/*', async () => 'the page of everything');
    expect((await app.inject('/rooms/7')).body).toBe('the page of everything');
  });
});

describe('an upgrade where there is no WebSocket', () => {
  it('is answered 404, on a page as well as nowhere', async () => {
    const app = await buildApp();
    app.get('/page', async () => expect.unreachable());
    for (const path of ['/page', '/nowhere']) {
      const refusal = await refusalOf(app.injectWS(path));
      expect(refusal).toMatchObject({ status: 404 });
      expect(JSON.parse(refusal.body)).toMatchObject({ message: `Route GET:${path} not found` });
    }
  });

  it("is answered by the application's own handler for that, of the prefix too", async () => {
    const app = await buildApp();
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing'));
    app.register(
      async (api) => {
        api.setNotFoundHandler((_request, reply) => reply.code(410).send('nothing any more'));
      },
      { prefix: '/old' },
    );
    expect(await refusalOf(app.injectWS('/new'))).toMatchObject({ status: 404, body: 'nothing' });
    expect(await refusalOf(app.injectWS('/old/a'))).toMatchObject({
      status: 410,
      body: 'nothing any more',
    });
  });

  it('is answered 400 if its path is malformed', async () => {
    const app = await buildApp();
    app.ws('/rooms/:room', () => {});
    expect(await refusalOf(app.injectWS('/rooms/%zz'))).toMatchObject({ status: 400 });
  });
});

describe('an upgrade from a page of another origin', () => {
  const Origin = 'https://evil.example';

  it("is answered 403 by the route's own rule, and logged", async () => {
    const log = new LogLines();
    const app = await buildApp({}, { logger: { stream: log } });
    app.ws('/a', () => expect.unreachable());
    app.ws('/open', { origins: '*' }, () => {});
    const refusal = await refusalOf(app.injectWS('/a', { headers: { Origin } }));
    expect(refusal.status).toBe(403);
    expect(JSON.parse(refusal.body)).toMatchObject({ code: 'WS_HANDSHAKE_ORIGIN' });
    expect(log.named('request completed')).toMatchObject([{ res: { statusCode: 403 } }]);
    await app.injectWS('/open', { headers: { Origin } });
  });

  it('is of the host that a trusted proxy was asked for', async () => {
    const app = await buildApp({}, { trustProxy: true });
    app.ws('/a', () => {});
    const headers = { Host: 'inside:3000', 'X-Forwarded-Host': 'chat.example' };
    await app.injectWS('/a', { headers: { ...headers, Origin: 'https://chat.example' } });
    await app.injectWS('/a', { headers });
    for (const origin of [Origin, 'http://inside:3000', 'null']) {
      const opened = app.injectWS('/a', { headers: { ...headers, Origin: origin } });
      expect(await refusalOf(opened)).toMatchObject({ status: 403 });
    }
  });

  it('is not of a host that anybody could have forwarded', async () => {
    const app = await buildApp();
    app.ws('/a', () => expect.unreachable());
    const headers = { Host: 'chat.example', 'X-Forwarded-Host': 'evil.example', Origin };
    expect(await refusalOf(app.injectWS('/a', { headers }))).toMatchObject({ status: 403 });
  });
});

describe('The connections of an address', () => {
  it.each([
    ['a trusted proxy names the client', true, 101],
    ['nobody is trusted to', false, 503],
  ])('are counted as those of the client: %s', async (_what, trustProxy, second) => {
    const limits = { maxConnectionsPerAddress: 1 };
    const app = await buildApp({ limits }, { trustProxy });
    app.ws('/a', () => {});
    const host = await listen(app);
    const from = async (address: string) => {
      const headers = { 'X-Forwarded-For': address };
      const opened = connect(`ws://${host}/a`, { headers });
      return await opened.then(
        () => ({ status: 101, headers: {} }),
        () => refusalOf(opened),
      );
    };
    expect((await from('192.0.2.1')).status).toBe(101);
    expect((await from('192.0.2.2')).status).toBe(second);
    const refused = await from('192.0.2.1');
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

import { once } from 'node:events';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, inject, type Sockets } from '@heddle/node';
import { selfSignedCertificate } from '@heddle/testing';
import type { Application } from 'express';
import { describe, expect, it, vi } from 'vitest';
import { websocket, ws } from '../src/index.ts';
import { copies, express4, express5 } from './express-copies.ts';
import { endLater, fetchPlain, listen, nextMessage, open, refusalOf } from './running.ts';

const hello = ws((socket) => socket.send('hello'));

describe.each(copies)('websocket(app) of %s', (_name, express) => {
  it('takes the upgrades of each server that app.listen makes', async () => {
    const app = express();
    const sockets = websocket(app);
    app.get('/a', hello);
    for (const host of [await listen(app), await listen(app)]) {
      expect(await nextMessage(await open(host, '/a'))).toBe('hello');
    }
    expect(sockets.stats()).toMatchObject({ connections: 2, opened: 2 });
  });

  it('changes this application alone: nothing that others inherit or share', async () => {
    const app = express();
    const shared = [
      ...[express.application, express.request, express.response, express.Router],
      ...[express.Router.prototype, Object.getPrototypeOf(app.request), IncomingMessage.prototype],
      ...[ServerResponse.prototype, Server.prototype],
    ].map((object) => ({ object, before: Object.getOwnPropertyDescriptors(object ?? {}) }));
    const before = Object.keys(app);
    websocket(app);
    app.get('/a', hello);
    expect(await nextMessage(await open(await listen(app), '/a'))).toBe('hello');
    for (const { object, before } of shared) {
      expect(Object.getOwnPropertyDescriptors(object ?? {})).toEqual(before);
    }
    const added = Object.keys(app).filter((name) => !before.includes(name));
    // Express 4 makes its router when it has the first route.
    expect(added.filter((name) => name !== '_router')).toEqual([]);
  });

  it('leaves listen what it was: its arguments, its callback, its errors', async () => {
    const app = express();
    websocket(app);
    app.get('/a', hello);
    const listening = vi.fn();
    const server = app.listen(0, '127.0.0.1', 16, listening);
    await once(server, 'listening');
    const host = endLater(server);
    expect(listening).toHaveBeenCalledTimes(1);
    await open(host, '/a');
    const busy = app.listen(Number(host.split(':')[1]), '127.0.0.1');
    const [error] = await once(busy, 'error');
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('listens on a path', async () => {
    const app = express();
    websocket(app);
    app.get('/a', hello);
    const path = join(tmpdir(), `heddle-${process.pid}-${express === express5 ? 5 : 4}.sock`);
    const server = app.listen(path);
    await once(server, 'listening');
    const client = await connect('ws://localhost/a', { createConnection: () => dial(path) });
    expect(await nextMessage(client)).toBe('hello');
    client.destroy();
    server.close();
  });

  it('takes those of servers that it is attached to, HTTPS too', async () => {
    const app = express();
    const sockets = websocket(app);
    app.get('/a', hello);
    const tls = selfSignedCertificate();
    for (const server of [createServer(app), createSecureServer(tls, app)]) {
      sockets.attach(server);
      expect(await nextMessage(await inject(server, '/a'))).toBe('hello');
    }
  });

  it('closes all with 1001, and then refuses', async () => {
    const app = express();
    const sockets = websocket(app);
    app.get('/a', hello);
    const host = await listen(app);
    const client = await open(host, '/a');
    await sockets.close({ reason: 'bye' });
    expect(await client.closed).toMatchObject({ code: 1001, reason: 'bye' });
    expect((await refusalOf(host, '/a')).status).toBe(503);
  });

  it('leaves the upgrades that are not its own to others', async () => {
    const app = express();
    const asked: unknown[] = [];
    websocket(app, {
      owns: (request) => {
        asked.push(request.url);
        return request.url === '/a';
      },
    });
    app.get('/a', hello);
    const server = app.listen(0, '127.0.0.1');
    server.on('upgrade', (request, socket) => {
      if (request.url !== '/a') socket.end('HTTP/1.1 418 Not ours\r\nContent-Length: 0\r\n\r\n');
    });
    await once(server, 'listening');
    const host = endLater(server);
    await open(host, '/a');
    expect((await refusalOf(host, '/b')).status).toBe(418);
    expect(asked).toEqual(['/a', '/b']);
  });

  it('refuses wrong options by their names, and a second call for the application', () => {
    const app = express();
    const invalid = expect.objectContaining({ code: 'WS_INVALID_OPTION' });
    // @ts-expect-error: an option of ws.
    expect(() => websocket(app, { maxPayload: 1 })).toThrow(/maxPayload/);
    // @ts-expect-error: no function.
    expect(() => websocket(app, { owns: true })).toThrow(invalid);
    websocket(app);
    const registered = expect.objectContaining({ code: 'WS_INVALID_REGISTRATION' });
    expect(() => websocket(app)).toThrow(registered);
    expect(() => app.use(websocket())).toThrow(registered);
  });

  it('changes nothing but listen of this application', () => {
    const app = express();
    const other = express();
    const before = Object.keys(app);
    const { listen: original } = app;
    websocket(app);
    expect(Object.keys(app).toSorted()).toEqual(before.toSorted());
    expect(app.listen).not.toBe(original);
    expect(other.listen).toBe(original);
  });
});

describe.each(copies)('app.use(websocket()) of %s', (_name, express) => {
  it('is the same for the application that it is mounted on', async () => {
    const app = express();
    const mounted = websocket({ subprotocols: ['v1'] });
    app.use(mounted);
    app.get('/a', hello);
    app.get('/page', (_request, response) => response.send('a page'));
    const host = await listen(app);
    const client = await open(host, '/a', { subprotocols: ['v1'] });
    expect(client.subprotocol).toBe('v1');
    expect(mounted.sockets.stats().opened).toBe(1);
    expect((await fetchPlain(host, '/page')).body).toBe('a page');
  });

  it('is mounted once', () => {
    const mounted = websocket();
    express().use(mounted);
    const registered = expect.objectContaining({ code: 'WS_INVALID_REGISTRATION' });
    expect(() => express().use(mounted)).toThrow(registered);
  });

  it('answers nobody before it is mounted', async () => {
    const warned = once(process, 'warning');
    const app = express();
    const { sockets } = websocket();
    app.get('/a', hello);
    const host = await listenAttached(app, sockets);
    expect((await refusalOf(host, '/a')).status).toBe(500);
    expect(await warned).toMatchObject([{ code: 'WS_INVALID_REGISTRATION' }]);
  });
});

async function listenAttached(app: Application, sockets: Sockets): Promise<string> {
  const server = createServer(app);
  sockets.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return endLater(server);
}

describe('two copies of Express in one process', () => {
  it('have WebSockets each, and routers of one in the other', async () => {
    const apps = [express5(), express4()] as const;
    const routers = [express4.Router(), express5.Router()] as const;
    for (const [index, app] of apps.entries()) {
      websocket(app);
      app.get('/own', hello);
      const router = routers[index];
      if (router !== undefined) app.use('/other', router.get('/:a', hello));
      const host = await listen(app);
      expect(await nextMessage(await open(host, '/own'))).toBe('hello');
      expect(await nextMessage(await open(host, '/other/b'))).toBe('hello');
      expect((await fetchPlain(host, '/other/b')).status).toBe(426);
    }
  });
});

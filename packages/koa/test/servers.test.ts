import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { connect } from '@heddle/node';
import { portOf } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inject, websocket, ws } from '../src/index.ts';
import { nextMessage, Running } from './app.ts';
import { koas } from './koas.ts';

const greet = ws((socket) => socket.send('hello'));

describe.each(koas)('The servers of an application: %s', (_name, Application) => {
  it('are all that app.listen makes, and those that are attached', async () => {
    const app = new Application();
    app.use(greet);
    const sockets = websocket(app);
    const own = createServer(app.callback()).listen(0, '127.0.0.1');
    sockets.attach(own);
    const servers = [app.listen(0, '127.0.0.1'), app.listen(0, '127.0.0.1'), own];
    await Promise.all(servers.map((server) => server.listening || once(server, 'listening')));
    for (const server of servers) {
      onTestFinished(() => void server.close());
      const socket = await connect(`ws://127.0.0.1:${portOf(server)}/`);
      expect(await nextMessage(socket)).toBe('hello');
    }
    expect(sockets.connections.size).toBe(3);
    await sockets.close();
    expect(sockets.connections.size).toBe(0);
  });

  it('change nothing that other applications inherit or share', async () => {
    const app = new Application();
    const shared = [
      ...[Application.prototype, IncomingMessage.prototype, ServerResponse.prototype],
      ...[app.context, app.request, app.response].map((own) => Object.getPrototypeOf(own)),
      ...[app.context, app.request, app.response],
    ].map((object) => ({ object, before: Object.getOwnPropertyDescriptors(object) }));
    app.use(greet);
    const server = createServer(app.callback());
    websocket(app).attach(server);
    const socket = await inject(server, '/');
    expect(await nextMessage(socket)).toBe('hello');
    socket.destroy();
    for (const { object, before } of shared) {
      expect(Object.getOwnPropertyDescriptors(object)).toEqual(before);
    }
  });

  it('need not listen for a test', async () => {
    const app = new Application();
    app.use(greet);
    const server = createServer(app.callback());
    websocket(app).attach(server);
    const socket = await inject(server, '/');
    expect(await nextMessage(socket)).toBe('hello');
    socket.destroy();
  });

  it('close their connections with 1001', async () => {
    const app = new Application();
    app.use(greet);
    const { connect: open, sockets } = await Running.start(app).then((running) => ({
      connect: () => running.connect('/'),
      sockets: running.sockets,
    }));
    const socket = await open();
    await sockets.close();
    expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true });
  });

  it('see middleware that is added after websocket(app), and error listeners too', async () => {
    const app = new Application();
    const running = await Running.start(app);
    // `app.listen` has asked for its callback; a server of one's own has not.
    app.use(greet);
    const socket = await running.connect('/');
    expect(await nextMessage(socket)).toBe('hello');
    socket.destroy();
  });

  it('do not have websocket(app) make the callback', () => {
    const app = new Application();
    websocket(app);
    expect(app.listenerCount('error')).toBe(0);
  });

  it('may have other listeners for upgrades, whose requests are left to them', async () => {
    const app = new Application();
    app.use((ctx, next) => (ctx.path === '/chat' ? greet(ctx, next) : undefined));
    const server = createServer(app.callback()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    const sockets = websocket(app, { owns: ({ url }) => url === '/chat' });
    sockets.attach(server);
    server.on('upgrade', (request, socket) => {
      if (request.url === '/hot') socket.end('HTTP/1.1 418 Teapot\r\nConnection: close\r\n\r\n');
    });
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${portOf(server)}`;
    await expect(connect(`${url}/hot`)).rejects.toMatchObject({ status: 418 });
    const socket = await connect(`${url}/chat`);
    expect(await nextMessage(socket)).toBe('hello');
    socket.destroy();
  });
});

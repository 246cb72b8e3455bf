import { connect, UsageError } from '@heddle/node';
import { selfSignedCertificate } from '@heddle/testing';
import Fastify, { type FastifyRequest } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import websocket from '../src/index.ts';
import { buildApp, nextMessage } from './app.ts';

describe('app.injectWS', () => {
  it('makes the application ready, and needs no port', async () => {
    const app = await buildApp();
    let ready = false;
    app.addHook('onReady', async () => {
      ready = true;
    });
    app.ws('/a', (socket) => socket.send(String(ready)));
    expect(await nextMessage(await app.injectWS('/a'))).toBe('true');
    expect(app.addresses()).toEqual([]);
  });

  it('sends header fields, a query and subprotocols', async () => {
    const app = await buildApp({ subprotocols: ['v1'] });
    app.ws('/a', (socket, { headers, query }) =>
      socket.send(JSON.stringify([headers['cookie'], query, socket.subprotocol])),
    );
    const socket = await app.injectWS('/a?x=0', {
      headers: { Cookie: 'sid=1' },
      query: { y: 'a&b', z: ['1', '2'] },
      subprotocols: ['v2', 'v1'],
    });
    expect(await nextMessage(socket)).toBe(
      JSON.stringify(['sid=1', { x: '0', y: 'a&b', z: ['1', '2'] }, 'v1']),
    );
  });

  it('can be given up', async () => {
    const app = await buildApp();
    const controller = new AbortController();
    let left: Promise<void> | undefined;
    const preHandler = async (request: FastifyRequest) => {
      left = new Promise((resolve) => request.raw.once('close', resolve));
      controller.abort(new Error('enough'));
      await left;
    };
    app.ws('/a', { preHandler }, () => expect.unreachable());
    await expect(app.injectWS('/a', { signal: controller.signal })).rejects.toThrow('enough');
    await left;
  });

  it('rejects if the application does not start', async () => {
    const app = await buildApp();
    app.register(async () => {
      throw new Error('no database');
    });
    await expect(app.injectWS('/a')).rejects.toThrow('no database');
  });

  it('rejects for a path that is none', async () => {
    const app = await buildApp();
    for (const path of ['a', 'ws://localhost/a', '/a#b']) {
      await expect(app.injectWS(path)).rejects.toBeInstanceOf(UsageError);
    }
  });

  it('closes both ends with either', async () => {
    const app = await buildApp();
    app.ws('/a', (socket) => void socket.close(4000, 'done'));
    app.ws('/b', (socket) => socket.destroy());
    app.ws('/c', () => {});
    expect(await (await app.injectWS('/a')).closed).toMatchObject({ code: 4000, reason: 'done' });
    expect(await (await app.injectWS('/b')).closed).toMatchObject({ code: 1006, wasClean: false });
    (await app.injectWS('/c')).destroy();
    await expect.poll(() => app.websocketServer.clients.size).toBe(0);
  });

  it('reaches an HTTPS server as if TLS had been spoken', async () => {
    const tls = selfSignedCertificate();
    const app = Fastify({ https: tls });
    onTestFinished(() => app.close());
    await app.register(websocket);
    app.ws('/a', (socket) => socket.send('secret'));
    expect(await nextMessage(await app.injectWS('/a'))).toBe('secret');
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = await connect(`${address.replace('https', 'wss')}/a`, { tls: { ca: tls.cert } });
    expect(await nextMessage(socket)).toBe('secret');
    socket.destroy();
  });

  it('reaches an HTTP/2 server that allows HTTP/1.1, as its other clients do', async () => {
    const tls = selfSignedCertificate();
    const app = Fastify({ http2: true, https: { ...tls, allowHTTP1: true } });
    onTestFinished(() => app.close());
    await app.register(websocket);
    app.ws('/a', (socket) => socket.send('secret'));
    expect(await nextMessage(await app.injectWS('/a'))).toBe('secret');
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = await connect(`${address.replace('https', 'wss')}/a`, { tls: { ca: tls.cert } });
    expect(await nextMessage(socket)).toBe('secret');
    socket.destroy();
  });
});

import { connect } from '@heddle/node';
import { selfSignedCertificate } from '@heddle/testing';
import Fastify from 'fastify';
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

  it('rejects if the application does not start', async () => {
    const app = await buildApp();
    app.register(async () => {
      throw new Error('no database');
    });
    await expect(app.injectWS('/a')).rejects.toThrow('no database');
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

  it.each([true, false])(
    'speaks HTTP/2 with a server for it: allowHTTP1 %s',
    async (allowHTTP1) => {
      const app = Fastify({ http2: true, https: { ...selfSignedCertificate(), allowHTTP1 } });
      onTestFinished(() => app.close());
      await app.register(websocket);
      app.ws('/a', (socket, { raw }) => socket.send(raw.httpVersion));
      expect(await nextMessage(await app.injectWS('/a'))).toBe('2.0');
    },
  );
});

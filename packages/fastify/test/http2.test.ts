import { portOf, ScriptedSession, selfSignedCertificate } from '@heddle/testing';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import websocket from '../src/index.ts';

const tls = selfSignedCertificate();

/** Fastify with `http2: true`, and a client of it. */
async function start() {
  // Before Node 24 Fastify waits for idle connections of HTTP/2 without it, WebSockets or not.
  const forceCloseConnections = true;
  const app = Fastify({ http2: true, https: { ...tls, allowHTTP1: true }, forceCloseConnections });
  await app.register(websocket);
  const responses: { url: string; status: number }[] = [];
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-late', 'but there');
  });
  app.addHook('onResponse', async ({ url }, { statusCode: status }) => {
    responses.push({ url, status });
  });
  app.get('/rooms/:room', async () => 'a page');
  app.ws<{ Params: { room: string } }>('/rooms/:room', (socket, { params, ip, protocol, host }) => {
    socket.send(JSON.stringify({ ...params, ip, protocol, host }));
  });
  app.ws('/only', () => {});
  app.ws(
    '/closed',
    { preHandler: async (_request, reply) => reply.code(401).send('no') },
    () => {},
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const port = portOf(app.server);
  const session = await ScriptedSession.connect({ port, tls: { ca: tls.cert } });
  onTestFinished(() => session.destroy());
  return { app, port, session, responses };
}

describe('Fastify on HTTP/2', () => {
  it('has pages and WebSockets on one path and one connection, with all hooks', async () => {
    const { port, session, responses } = await start();
    const peer = session.handshake({ path: '/rooms/7' });
    const opened = await peer.receivesResponse();
    expect(opened.status).toBe(200);
    expect(opened.header('x-late')).toBe('but there');
    const text = Buffer.from((await peer.receivesFrame()).payload).toString();
    expect(JSON.parse(text)).toEqual({
      room: '7',
      ip: '127.0.0.1',
      protocol: 'https',
      host: `127.0.0.1:${port}`,
    });
    expect(await session.request({ path: '/rooms/7' })).toMatchObject({
      status: 200,
      body: 'a page',
    });
    // To the application the WebSocket is an upgrade as over HTTP/1.1.
    expect(responses).toEqual([
      { url: '/rooms/7', status: 101 },
      { url: '/rooms/7', status: 200 },
    ]);
  });

  it('refuses with a whole response', async () => {
    const { session } = await start();
    const refused = await session.handshake({ path: '/closed' }).receivesResponse();
    expect(refused).toMatchObject({ status: 401, body: 'no' });
    expect(refused.header('x-late')).toBe('but there');
    expect((await session.handshake({ path: '/nowhere' }).receivesResponse()).status).toBe(404);
  });

  it('answers 426 to a page that is only a WebSocket, without the fields of HTTP/1.1', async () => {
    const { session } = await start();
    const response = await session.request({ path: '/only' });
    expect(response.status).toBe(426);
    expect(response.header('Upgrade')).toBeUndefined();
    expect(response.body).toContain('WebSocket');
  });

  it('closes the WebSockets with 1001, and then ends', async () => {
    const { app, session } = await start();
    const peer = session.handshake({ path: '/rooms/7' });
    await peer.receivesResponse();
    await peer.receivesFrame();
    const closed = app.close();
    expect(await peer.receivesFrame()).toMatchObject({ opcode: 8 });
    peer.sends(peer.frame({ opcode: 8, payload: Uint8Array.of(3, 233) }));
    await peer.receivesEnd();
    await closed;
    expect(session.closed).toBe(true);
  });

  it('works in the open as well (h2c), for those who know it', async () => {
    const app = Fastify({ http2: true });
    await app.register(websocket);
    app.ws('/chat', (socket) => socket.send('hello'));
    await app.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => app.close());
    const session = await ScriptedSession.connect({ port: portOf(app.server) });
    onTestFinished(() => session.destroy());
    const peer = session.handshake({ path: '/chat' });
    await peer.receivesResponse();
    await peer.receivesText('hello');
  });
});

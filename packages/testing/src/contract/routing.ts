import { expect } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { encodeHandshake, encodeRequest } from '../handshake.ts';
import type { CaseRoute, ContractCases } from './contract-case.ts';
import { delay, echo, expectEcho, paramOf } from './handlers.ts';
import type { ContractRequest } from './harness.ts';

/** A WebSocket route is an ordinary route. */
export const routing = {
  'has a GET and a WebSocket on one path': async (start) => {
    const app = await start({ routes: [{ path: '/chat', get: () => 'a page', ws: echo }] });
    expect(await app.get('/chat')).toMatchObject({ status: 200, body: 'a page' });
    const client = await app.client('/chat');
    await expectEcho(client);
    expect(await app.get('/chat')).toMatchObject({ status: 200, body: 'a page' });
  },

  'has the parameters of the path and of every prefix': async (start) => {
    const where = (request: ContractRequest) =>
      `${paramOf(request, 'tenant')}, ${paramOf(request, 'room')}`;
    const route: CaseRoute = {
      prefix: '/api/:tenant',
      path: '/chat/:room',
      get: where,
      ws: (socket, request) => {
        socket.send(where(request));
      },
    };
    const app = await start({ routes: [route, { path: '/chat/:room', get: () => 'the other' }] });
    const client = await app.client('/api/acme/chat/se%20ven?token=x');
    expect(await client.next()).toBe('acme, se ven');
    expect((await app.get('/api/acme/chat/7')).body).toBe('acme, 7');
    expect((await app.refusal({ path: '/api/chat/7' })).status).toBe(404);
  },

  "has the client's address and the name that it asked for, and knows whether TLS protects it":
    async (start) => {
      const app = await start({
        routes: [{ path: '/who', ws: (socket, request) => void socket.send(clientOf(request)) }],
      });
      const headers = { Host: 'chat.example' };
      const client = await app.client('/who', { headers });
      expect(JSON.parse(String(await client.next()))).toEqual({
        remoteAddress: '127.0.0.1',
        encrypted: app.encrypted,
        host: 'chat.example',
      });
    },

  'answers a HEAD as the GET of the same path, without its body': async (start) => {
    const app = await start({ routes: [{ path: '/chat', get: () => 'a page', ws: echo }] });
    const response = await app.request({ method: 'HEAD', path: '/chat' });
    expect(response).toMatchObject({ status: 200, body: '' });
  },

  'upgrades a connection that has served plain requests before': async (start) => {
    const routes = [
      { path: '/chat', ws: echo },
      { path: '/page', get: () => 'a page' },
    ];
    const app = await start({ routes });
    const peer = await app.peer();
    expect((await peer.request({ path: '/page' })).body).toBe('a page');
    expect((await peer.request({ path: '/page' })).body).toBe('a page');
    app.expectAccepted(await peer.handshake({ path: '/chat' }));
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receivesText('hello');
  },

  'answers a request first that a handshake is sent behind at once': async (start) => {
    const before = () => delay(30).then(() => ({}));
    const routes = [
      { path: '/page', before, get: () => 'a page' },
      { path: '/chat', ws: echo },
    ];
    const app = await start({ routes });
    const peer = await app.peer();
    const host = '127.0.0.1';
    const page = encodeRequest({ path: '/page', headers: { Host: host } });
    peer.sends(concatBytes(page, encodeHandshake({ path: '/chat' }, host)));
    expect((await peer.receivesResponse()).body).toBe('a page');
    app.expectAccepted(await peer.receivesResponse());
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receivesText('hello');
  },

  'serves a request with Upgrade: h2c as the plain request that it also is': async (start) => {
    const app = await start({ routes: [{ path: '/page', get: () => 'a page', ws: echo }] });
    const response = await app.get('/page', {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAMAAABkAAQAAP__',
    });
    expect(response).toMatchObject({ status: 200, body: 'a page' });
  },

  'works on two servers of one application': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }], servers: 2 });
    for (const server of [0, 1]) {
      const client = await app.client('/chat', {}, server);
      client.send(`to server ${server}`);
      expect(await client.next()).toBe(`to server ${server}`);
    }
  },
} satisfies ContractCases;

function clientOf({ socket, headers: { host } }: ContractRequest): string {
  // Node's sockets have both, and those of TCP alone no `encrypted`.
  const remoteAddress = Reflect.get(socket, 'remoteAddress');
  return JSON.stringify({
    remoteAddress,
    encrypted: Reflect.get(socket, 'encrypted') === true,
    host,
  });
}

import { expect } from 'vitest';
import { toBytes } from '../bytes.ts';
import type { ContractCases } from './contract-case.ts';
import { echo, untouched } from './handlers.ts';

/** Long enough to be worth compressing. */
const LONG = 'x'.repeat(2_000);
const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };

/** Subprotocols, extensions and origins. */
export const negotiation = {
  "chooses the server's favourite of the subprotocols that are offered": async (start) => {
    const routes = [
      {
        path: '/chat',
        options: { subprotocols: ['chat.v3', 'chat.v2', 'chat.v1'] },
        ws: (socket: { send(text: string): boolean; subprotocol: string | undefined }) => {
          socket.send(String(socket.subprotocol));
        },
      },
    ];
    const app = await start({ routes });
    const client = await app.client('/chat', { subprotocols: ['chat.v1', 'chat.v2'] });
    expect(client.subprotocol).toBe('chat.v2');
    expect(await client.next()).toBe('chat.v2');
  },

  'names no subprotocol where none was offered or none is spoken': async (start) => {
    const app = await start({
      options: { subprotocols: ['chat.v2'] },
      routes: [
        { path: '/chat', ws: echo },
        { path: '/plain', options: { subprotocols: [] }, ws: echo },
      ],
    });
    expect((await app.client('/chat')).subprotocol).toBeUndefined();
    expect((await app.client('/chat', { subprotocols: ['other'] })).subprotocol).toBeUndefined();
    expect((await app.client('/plain', { subprotocols: ['chat.v2'] })).subprotocol).toBeUndefined();
    expect((await app.client('/chat', { subprotocols: ['chat.v2'] })).subprotocol).toBe('chat.v2');
  },

  'compresses where the route lets it and the client offers it (RFC 7692)': async (start) => {
    const app = await start({
      options: { compression: true },
      routes: [
        { path: '/chat', ws: echo },
        { path: '/plain', options: { compression: false }, ws: echo },
      ],
    });
    const { peer, response } = await app.attempt({ path: '/chat', headers: OFFER });
    const accepted = await response;
    expect(app.accepts(accepted)).toBe(true);
    expect(accepted.header('Sec-WebSocket-Extensions')).toBe(
      'permessage-deflate; server_max_window_bits=12; client_max_window_bits=12',
    );
    // RFC 7692 §7.2.3.1: "Hello", compressed.
    peer.sendsFrame({ opcode: 1, rsv: 4, payload: toBytes('f2 48 cd c9 c9 07 00') });
    await peer.receivesText('Hello');
    peer.sendsFrame({ opcode: 1, payload: LONG });
    const echoed = await peer.receivesFrame();
    expect(echoed).toMatchObject({ opcode: 1, fin: true, rsv: 4 });
    expect(echoed.payload.byteLength).toBeLessThan(100);
    for (const [path, headers] of [
      ['/plain', OFFER],
      ['/chat', {}],
    ] as const) {
      const plain = await app.client(path, { headers });
      expect(plain.response.header('Sec-WebSocket-Extensions')).toBeUndefined();
      plain.send(LONG);
      expect(await plain.next()).toBe(LONG);
    }
  },

  'refuses a page of another origin with 403, and names both': async (start) => {
    const handler = untouched();
    const app = await start({ routes: [{ path: '/chat', ws: handler.ws }] });
    const headers = { Origin: 'https://evil.example', Host: 'chat.example' };
    const response = await app.refusal({ path: '/chat', headers });
    expect(response.status).toBe(403);
    expect(response.body).toContain('https://evil.example');
    expect(response.body).toContain('chat.example');
    expect((await app.refusal({ path: '/chat', headers: { Origin: 'null' } })).status).toBe(403);
    expect(handler.calls).toBe(0);
  },

  'lets in a page of its own origin, and a client that names none': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    await app.opened('/chat');
    for (const Origin of ['https://chat.example', 'http://chat.example:80']) {
      await app.opened('/chat', { headers: { Origin, Host: 'chat.example' } });
    }
  },

  'lets in the origins that a route lists, in place of those of the server': async (start) => {
    const app = await start({
      options: { origins: ['https://a.example'] },
      routes: [
        { path: '/a', ws: echo },
        { path: '/b', options: { origins: ['https://b.example'] }, ws: echo },
      ],
    });
    for (const [path, other] of [
      ['/a', '/b'],
      ['/b', '/a'],
    ] as const) {
      const headers = { Origin: `https://${path.slice(1)}.example` };
      await app.opened(path, { headers });
      expect((await app.refusal({ path: other, headers })).status).toBe(403);
    }
  },
} satisfies ContractCases;

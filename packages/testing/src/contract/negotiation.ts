import { expect } from 'vitest';
import type { ContractCases } from './contract-case.ts';
import { echo, untouched } from './handlers.ts';

/** Subprotocols and origins. */
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

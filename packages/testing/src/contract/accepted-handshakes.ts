import { expect } from 'vitest';
import type { HttpResponse } from '../http-message.ts';
import type { ContractCases } from './contract-case.ts';
import { eventually } from './eventually.ts';
import { echo, sessionValue, sets } from './handlers.ts';
import type { ContractRequest } from './harness.ts';

/**
 * What the answer that accepts has in it, from the handshake and from the application. To the
 * application that is a 101 everywhere; over HTTP/2 it is a 200 on the wire (RFC 8441 §5).
 */
export const acceptedHandshakes = {
  'answers a handshake with 101 and the fields of §4.2.2': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const response = await app.handshake({ path: '/chat' });
    app.expectAccepted(response);
  },

  'accepts the tokens of Upgrade and Connection among others, in any case': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    // Firefox keeps the connection alive; §4.2.1 asks for a token and ignores case.
    const headers = { Connection: 'keep-alive, upgrade', Upgrade: 'WebSocket' };
    app.expectAccepted(await app.handshake({ path: '/chat', headers }));
  },

  'sends header fields of a hook in the 101, repeated ones too': async (start) => {
    const cookies = ['a=1; Path=/', 'b=2; Path=/'];
    const before = sets({ 'X-Room': 'seven', 'Set-Cookie': cookies });
    const app = await start({ routes: [{ path: '/chat', before, ws: echo }] });
    const response = await app.handshake({ path: '/chat' });
    app.expectAccepted(response);
    expect(response.header('X-Room')).toBe('seven');
    expect(valuesOf(response, 'Set-Cookie')).toEqual(cookies);
  },

  'sends header fields of the response phase in the 101': async (start) => {
    const routes = [{ path: '/chat', ws: echo }];
    const app = await start({ routes, responseHeaders: { 'X-Late': 'but there' } });
    const response = await app.handshake({ path: '/chat' });
    app.expectAccepted(response);
    expect(response.header('X-Late')).toBe('but there');
  },

  'does not let header fields of a hook spoil the handshake': async (start) => {
    const before = sets({
      Connection: 'close',
      Upgrade: 'h2c',
      'Content-Length': '5',
      'Content-Type': 'text/plain',
      'Sec-WebSocket-Accept': 'AAAA',
      'Sec-WebSocket-Protocol': 'made-up',
      'Sec-WebSocket-Extensions': 'made-up',
    });
    const app = await start({ routes: [{ path: '/chat', before, ws: echo }] });
    const peer = await app.opened('/chat');
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receivesText('hello');
  },

  "sends helmet's header fields in the 101": async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }], helmet: true });
    const response = await app.handshake({ path: '/chat' });
    app.expectAccepted(response);
    expect(response.header('X-Content-Type-Options')).toBe('nosniff');
  },

  "sends the rate limit's header fields in the 101": async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }], rateLimit: 7 });
    const response = await app.handshake({ path: '/chat' });
    app.expectAccepted(response);
    expect(response.header('X-RateLimit-Limit')).toBe('7');
    expect(response.header('X-RateLimit-Remaining')).toBe('6');
  },

  'saves the session and sends its cookie in the 101': async (start) => {
    const app = await start({ routes: [countingRoute()], session: true });
    const first = await app.handshake({ path: '/visits' });
    app.expectAccepted(first);
    const Cookie = (valuesOf(first, 'Set-Cookie')[0] ?? '').split(';')[0];
    // The session must have been stored by the time the 101 is there.
    expect((await app.get('/visits', { Cookie })).body).toBe('2');
    const client = await app.client('/visits', { headers: { Cookie } });
    expect(await client.next()).toBe('3');
  },

  'reports each response to the access log once, a 101 too': async (start) => {
    const before = ({ headers }: ContractRequest) =>
      Promise.resolve(
        headers['authorization'] === undefined
          ? { refuse: { status: 401, headers: {}, body: 'who are you?' } }
          : {},
      );
    const app = await start({ routes: [{ path: '/chat', before, ws: echo }] });
    await app.refusal({ path: '/chat' });
    await app.refusal({ path: '/nowhere' });
    const client = await app.client('/chat', { headers: { Authorization: 'Bearer x' } });
    client.send('hello');
    await client.next();
    await client.close();
    await eventually(() => [...app.statuses], [401, 404, 101]);
  },
} satisfies ContractCases;

/** A route that counts its visits in the session, and says how many there were. */
function countingRoute() {
  const visits = (request: ContractRequest) => sessionValue(request, 'visits');
  return {
    path: '/visits',
    before: async (request: ContractRequest) => {
      visits(request).set(Number(visits(request).get() ?? 0) + 1);
      return {};
    },
    get: (request: ContractRequest) => String(visits(request).get()),
    ws: (socket: { send(text: string): boolean }, request: ContractRequest) => {
      socket.send(String(visits(request).get()));
    },
  };
}

function valuesOf(response: HttpResponse, name: string): string[] {
  return response.headers
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
}

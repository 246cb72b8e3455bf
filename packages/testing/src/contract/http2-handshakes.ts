import { expect } from 'vitest';
import type { HandshakeDescription } from '../handshake.ts';
import type { ContractCases } from './contract-case.ts';
import { echo, expectEcho, untouched } from './handlers.ts';
import { refusalCases } from './malformed-handshakes.ts';

/** CONNECT as RFC 9113 §8.5 has it, for a tunnel: without `:scheme` and `:path`. */
const PLAIN_CONNECT: HandshakeDescription = {
  headers: { ':protocol': undefined, ':path': undefined, 'sec-websocket-version': undefined },
};

/** What a handshake over HTTP/2 has of its own, RFC 8441 §3 to §5. */
export const http2Handshakes = {
  'announces that it takes extended CONNECTs': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const { settings } = await app.session();
    expect(settings.enableConnectProtocol).toBe(true);
  },

  ...refusalCases({
    'another version, over HTTP/2': {
      request: { headers: { 'sec-websocket-version': '8' } },
      status: 400,
      headers: { 'Sec-WebSocket-Version': '13' },
      says: /13/,
    },
    'no version, over HTTP/2': {
      request: { headers: { 'sec-websocket-version': undefined } },
      status: 400,
      headers: { 'Sec-WebSocket-Version': '13' },
      says: /Sec-WebSocket-Version/,
    },
    'extensions that are no list, over HTTP/2': {
      request: { headers: { 'sec-websocket-extensions': 'permessage-deflate; =' } },
      status: 400,
      says: /Sec-WebSocket-Extensions/,
    },
    'a subprotocol that is offered twice, over HTTP/2': {
      request: { headers: { 'sec-websocket-protocol': 'chat, chat' } },
      status: 400,
      says: /Sec-WebSocket-Protocol/,
    },
  }),

  'answers 404 where a 2xx that accepts nothing would open a WebSocket': async (start) => {
    const handler = untouched();
    const refuse = { status: 202, headers: {}, body: 'later, maybe' };
    const before = () => Promise.resolve({ refuse });
    const app = await start({
      routes: [
        { path: '/page', get: () => 'a page' },
        { path: '/chat', before, ws: handler.ws },
      ],
    });
    for (const path of ['/page', '/chat']) {
      const response = await app.refusal({ path });
      expect(response.status, path).toBe(404);
      expect(response.body, path).not.toBe('');
    }
    expect(handler.calls).toBe(0);
  },

  'answers 501 to a protocol that nobody knows': async (start) => {
    const app = await start({ routes: [{ path: '/chat', get: () => 'a page', ws: echo }] });
    const headers = { ':protocol': 'connect-udp' };
    expect((await app.refusal({ path: '/chat', headers })).status).toBe(501);
  },

  'answers 405 to a CONNECT without a protocol, as Node does': async (start) => {
    const app = await start({ routes: [{ path: '/chat', get: () => 'a page', ws: echo }] });
    expect((await app.refusal(PLAIN_CONNECT)).status).toBe(405);
  },

  'takes WebSockets over HTTP/1.1 on the same server': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const peer = await app.peer();
    expect((await peer.handshake({ path: '/chat' })).status).toBe(101);
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receivesText('hello');
    expect((await (await app.peer()).handshake({ path: '/nowhere' })).status).toBe(404);
    const client = await app.client('/chat');
    await expectEcho(client);
  },
} satisfies ContractCases;

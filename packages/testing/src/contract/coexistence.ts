import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect } from 'vitest';
import { textBytes } from '../bytes.ts';
import { acceptFor, encodeMessage } from '../handshake.ts';
import type { AppUnderTest } from './app-under-test.ts';
import type { CaseApp, ContractCases, StartApp } from './contract-case.ts';
import { delay, echo, expectEcho } from './handlers.ts';

/**
 * Another 'upgrade' listener on the same server: a bundler's hot reload, engine.io, a proxy. Node
 * gives every listener every upgrade, so each must leave alone what is not its own.
 */
export const coexistence = {
  'leaves the paths of another upgrade listener to it': async (start) => {
    const app = await withHotReload(start, { routes: [{ path: '/chat', ws: echo }] });
    const peer = await app.peer();
    expect((await peer.handshake({ path: '/hot' })).header('X-Served-By')).toBe('hot reload');
    await peer.receives(textBytes('hot'));
    peer.sends(textBytes('reload'));
    await peer.receives(textBytes('reload'));
    peer.end();
    await app.holdsNoConnection();
  },

  "keeps its deadlines away from another listener's connections": async (start) => {
    const options = { handshakeTimeoutMs: 150 };
    const app = await withHotReload(start, { routes: [{ path: '/chat', ws: echo }], options });
    const peer = await app.opened('/hot');
    await peer.receives(textBytes('hot'));
    await delay(400);
    peer.sends(textBytes('still there'));
    await peer.receives(textBytes('still there'));
  },

  'serves its own paths beside another upgrade listener': async (start) => {
    const refuse = { status: 401, headers: {}, body: 'no' };
    const app = await withHotReload(start, {
      routes: [
        { path: '/chat', get: () => 'a page', ws: echo },
        { path: '/closed', before: () => Promise.resolve({ refuse }), ws: echo },
      ],
    });
    const client = await app.client('/chat');
    await expectEcho(client);
    expect(await app.refusal({ path: '/closed' })).toMatchObject({ status: 401, body: 'no' });
    expect((await app.get('/chat')).body).toBe('a page');
  },

  'lets go of a connection that no listener takes once its client ends': async (start) => {
    const app = await withHotReload(start, { routes: [{ path: '/chat', ws: echo }] });
    const peer = await app.peer();
    const answer = peer.handshake({ path: '/nobody' }).catch(() => undefined);
    await delay(100);
    peer.end();
    await app.holdsNoConnection();
    expect((await answer)?.status).not.toBe(101);
  },
} satisfies ContractCases;

/** The application, and a second listener that accepts `/hot` later than a refusal would go out. */
async function withHotReload(start: StartApp, app: CaseApp): Promise<AppUnderTest> {
  const running = await start(app);
  running.server().on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (request.url === '/hot') setTimeout(() => serveHotReload(request, socket), 50);
  });
  return running;
}

/** Accepts, says `hot`, and from then on sends back whatever bytes come. */
function serveHotReload(request: IncomingMessage, socket: Duplex): void {
  const headers = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptFor(String(request.headers['sec-websocket-key'])),
    'X-Served-By': 'hot reload',
  };
  socket.write(encodeMessage('HTTP/1.1 101 Switching Protocols', headers, textBytes('hot')));
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (chunk: Uint8Array) => socket.write(chunk));
}

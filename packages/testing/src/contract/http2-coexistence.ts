import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';
import { expect } from 'vitest';
import { textBytes } from '../bytes.ts';
import type { AppUnderTest } from './app-under-test.ts';
import type { CaseApp, ContractCases, StartApp } from './contract-case.ts';
import { delay, echo, expectEcho } from './handlers.ts';

/** Another 'connect' listener on the same server: Node gives every listener every CONNECT. */
export const http2Coexistence = {
  'leaves the paths of another connect listener to it': async (start) => {
    const app = await withHotReload(start, { routes: [{ path: '/chat', ws: echo }] });
    const { peer, response } = await app.attempt({ path: '/hot' });
    expect((await response).header('X-Served-By')).toBe('hot reload');
    await peer.receives(textBytes('hot'));
    peer.sends(textBytes('reload'));
    await peer.receives(textBytes('reload'));
    peer.end();
    await app.holdsNoConnection();
  },

  'leaves the protocols of another connect listener to it': async (start) => {
    const app = await withHotReload(start, { routes: [{ path: '/hot', ws: echo }] });
    const headers = { ':protocol': 'hot-reload' };
    const { peer, response } = await app.attempt({ path: '/', headers });
    expect((await response).header('X-Served-By')).toBe('hot reload');
    await peer.receives(textBytes('hot'));
  },

  "keeps its deadlines away from another connect listener's streams": async (start) => {
    const options = { handshakeTimeoutMs: 150 };
    const app = await withHotReload(start, { routes: [{ path: '/chat', ws: echo }], options });
    const peer = await app.opened('/hot');
    await peer.receives(textBytes('hot'));
    await delay(400);
    peer.sends(textBytes('still there'));
    await peer.receives(textBytes('still there'));
  },

  'serves its own paths beside another connect listener': async (start) => {
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

  'lets go of a stream that no listener takes once its client ends': async (start) => {
    const app = await withHotReload(start, { routes: [{ path: '/chat', ws: echo }] });
    const { peer, response } = await app.attempt({ path: '/nobody' });
    await delay(100);
    peer.end();
    await app.holdsNoConnection();
    expect(app.accepts(await response.catch(() => undefined))).toBe(false);
  },
} satisfies ContractCases;

/** The application, and a second listener that accepts `/hot` later than a refusal would go out. */
async function withHotReload(start: StartApp, app: CaseApp): Promise<AppUnderTest> {
  const running = await start(app);
  running.server().on('connect', ({ stream, headers, url }: Http2ServerRequest) => {
    if (url !== '/hot' && headers[':protocol'] !== 'hot-reload') return;
    setTimeout(() => serveHotReload(stream), 50);
  });
  return running;
}

/** Accepts, says `hot`, and from then on sends back whatever bytes come. */
function serveHotReload(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'x-served-by': 'hot reload' });
  stream.write('hot');
  stream.on('error', () => {});
  stream.on('end', () => stream.end());
  stream.on('data', (chunk: Uint8Array) => stream.write(chunk));
}

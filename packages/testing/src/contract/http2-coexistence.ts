import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';
import { expect } from 'vitest';
import { textBytes } from '../bytes.ts';
import { coexistenceWith, type OtherListener, startBeside } from './coexistence.ts';
import type { ContractCases } from './contract-case.ts';
import { echo } from './handlers.ts';

const hotReload: OtherListener = {
  event: 'connect',
  listen(server) {
    server.on('connect', ({ stream, headers, url }: Http2ServerRequest) => {
      if (url !== '/hot' && headers[':protocol'] !== 'hot-reload') return;
      setTimeout(() => serveHotReload(stream), 50);
    });
  },
};

/** Another 'connect' listener on the same server. */
export const http2Coexistence: ContractCases = {
  ...coexistenceWith(hotReload),

  'leaves the protocols of another connect listener to it': async (start) => {
    const app = await startBeside(hotReload, start, { routes: [{ path: '/hot', ws: echo }] });
    const headers = { ':protocol': 'hot-reload' };
    const { peer, response } = await app.attempt({ path: '/', headers });
    expect((await response).header('X-Served-By')).toBe('hot reload');
    await peer.receives(textBytes('hot'));
  },
};

function serveHotReload(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'x-served-by': 'hot reload' });
  stream.write('hot');
  stream.on('error', () => {});
  stream.on('end', () => stream.end());
  stream.on('data', (chunk: Uint8Array) => stream.write(chunk));
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { textBytes } from '../bytes.ts';
import { acceptFor, encodeMessage } from '../handshake.ts';
import { coexistenceWith } from './coexistence.ts';

/** Another 'upgrade' listener on the same server. */
export const http1Coexistence = coexistenceWith({
  event: 'upgrade',
  listen(server) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      if (request.url === '/hot') setTimeout(() => serveHotReload(request, socket), 50);
    });
  },
});

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

import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * An echo server that `ws` makes, with permessage-deflate for messages of any size: `PORT` from the
 * environment, prints its URL. The first message of each connection is what was negotiated. At
 * `/fragments` the echoes come in fragments of 100 bytes.
 */
const FRAGMENT_BYTES = 100;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 0),
  perMessageDeflate: { threshold: 0 },
});
const negotiated = new WeakMap<IncomingMessage, string>();

server.on('headers', (headers, request) => {
  const field = headers.find((line) => line.toLowerCase().startsWith('sec-websocket-extensions:'));
  negotiated.set(request, field?.slice(field.indexOf(':') + 1).trim() ?? '');
});

server.on('connection', (socket, request) => {
  socket.send(negotiated.get(request) ?? '', { compress: false });
  socket.on('message', (data: Buffer, binary) => {
    if (request.url === '/fragments') sendFragments(socket, data, binary);
    else socket.send(data, { binary });
  });
});

server.on('listening', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  process.stdout.write(`Echo: ws://127.0.0.1:${address.port}/\n`);
});

process.once('SIGTERM', () => process.exit(0));

function sendFragments(socket: WebSocket, data: Buffer, binary: boolean): void {
  for (let start = 0; start < data.byteLength; start += FRAGMENT_BYTES) {
    const end = start + FRAGMENT_BYTES;
    socket.send(data.subarray(start, end), { binary, compress: true, fin: end >= data.byteLength });
  }
}

import { WebSocketServer } from 'ws';

/** The echo server that `ws` makes: `PORT` and `DEFLATE` from the environment, prints its URL. */
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 0),
  perMessageDeflate: process.env['DEFLATE'] === '1',
  maxPayload: 64 * 2 ** 20,
});

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

server.on('listening', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  process.stdout.write(`Echo: ws://127.0.0.1:${address.port}/\n`);
});

process.once('SIGTERM', () => process.exit(0));

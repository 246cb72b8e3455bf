import { createServer } from 'node:http';
import { acceptWebSockets, type CompressionOptions } from '@heddle/node';

/**
 * A bare echo server, `PORT`, `HOST` and `DEFLATE` from the environment: what suites and load
 * generators talk to. It takes large messages in many fragments from anybody, and reads no faster
 * than its peer takes the echoes.
 */
const server = createServer();
const sockets = acceptWebSockets(
  server,
  {
    path: '/',
    origins: '*',
    compression: compressionFrom(process.env['DEFLATE']),
    limits: { maxMessageBytes: 64 * 2 ** 20, maxFragments: 1_000_000 },
  },
  (socket) => {
    socket.on('drain', () => socket.resume());
    socket.on('message', (message) => {
      if (!socket.send(message)) socket.pause();
    });
  },
);

server.listen(Number(process.env['PORT'] ?? 9001), process.env['HOST'] ?? '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  process.stdout.write(`Echo: ws://${host}:${address.port}/\n`);
});

/** `DEFLATE=1` accepts permessage-deflate; so does an object of JSON, which is the options of `compression`. */
function compressionFrom(deflate = ''): boolean | CompressionOptions {
  return deflate.startsWith('{') ? JSON.parse(deflate) : deflate === '1';
}

/** Says goodbye to everybody (1001), and ends when they have gone. */
async function drain(): Promise<void> {
  server.close();
  await sockets.close();
}

process.once('SIGTERM', drain);
process.once('SIGINT', drain);

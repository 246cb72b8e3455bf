import { createServer } from 'node:http';
import { crc32 } from 'node:zlib';
import { acceptWebSockets } from '@heddle/node';

/**
 * The server that is fuzzed, with permessage-deflate and every limit at its default; prints its URL. Of
 * each message it answers what it has got: `<type> <bytes> <CRC-32>`. Whatever else the process has to
 * say, an uncaught error or a warning, comes to its standard error, where nothing may come.
 */
const server = createServer();
const options = { origins: '*', compression: { thresholdBytes: 0 } } as const;
/** An answer is framed at once, and so not lost if the message behind it ends the connection. */
const AT_ONCE = { compress: false };

const routes = [
  acceptWebSockets(server, { ...options, path: '/messages' }, (socket) => {
    socket.on('message', (message) => {
      const bytes = Buffer.from(message);
      const type = typeof message === 'string' ? 'text' : 'binary';
      socket.send(`${type} ${bytes.byteLength} ${crc32(bytes)}`, AT_ONCE);
    });
  }),
  acceptWebSockets(server, { ...options, path: '/pieces' }, async (socket) => {
    for await (const message of socket.incoming()) {
      let byteLength = 0;
      let checksum = 0;
      for await (const piece of message) {
        byteLength += piece.byteLength;
        checksum = crc32(piece, checksum);
      }
      socket.send(`${message.type} ${byteLength} ${checksum}`, AT_ONCE);
    }
  }),
  acceptWebSockets(server, { ...options, path: '/echo' }, (socket) => {
    socket.on('message', (message) => socket.send(message));
  }),
];

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  process.stdout.write(`Fuzzed: ws://127.0.0.1:${address.port}\n`);
});

process.once('SIGTERM', async () => {
  server.close();
  await Promise.all(routes.map((sockets) => sockets.close()));
});

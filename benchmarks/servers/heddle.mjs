import { acceptWebSockets, broadcast } from '@heddle/node';
import { announce, deflate, MAX_MESSAGE_BYTES, task } from './announce.mjs';

// An import of it would load Node's own WebSocket client, and its heap be marked with ours.
const { createServer } = process.getBuiltinModule('node:http');

const server = createServer();
const sockets = new Set();
acceptWebSockets(
  server,
  {
    path: '/',
    origins: '*',
    // Without takeover, as the load asks for, all connections share zlib's objects.
    compression: deflate,
    // As much as others keep for a client that sends more than it reads.
    limits: { maxMessageBytes: MAX_MESSAGE_BYTES, maxBufferedBytes: MAX_MESSAGE_BYTES },
  },
  (socket) => {
    if (task === 'echo') {
      socket.on('message', (message) => socket.send(message));
    } else {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('message', (message) => broadcast(sockets, message));
    }
  },
);
server.listen(0, '127.0.0.1', () => announce(server.address().port));

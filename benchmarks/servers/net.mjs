import { createServer } from 'node:net';
import { announce } from './announce.mjs';

/** Sends back the bytes as they came, and knows nothing of WebSocket: the limit of Node's public streams. */
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));

import { createServer } from 'node:http';
import WebSocket from 'faye-websocket';
import { announce, MAX_MESSAGE_BYTES } from './announce.mjs';

const server = createServer();
server.on('upgrade', (request, socket, head) => {
  const webSocket = new WebSocket(request, socket, head, [], { maxLength: MAX_MESSAGE_BYTES });
  webSocket.on('message', ({ data }) => webSocket.send(data));
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));

import { WebSocketServer } from 'ws';
import { announce, deflate, MAX_MESSAGE_BYTES, task } from './announce.mjs';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: deflate,
  maxPayload: MAX_MESSAGE_BYTES,
});
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    if (task === 'echo') socket.send(data, { binary });
    else for (const client of server.clients) client.send(data, { binary });
  });
});
server.on('listening', () => announce(server.address().port));

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { announce } from './announce.mjs';

const server = createServer();
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, path: '/' });
io.on('connection', (socket) => {
  socket.on('m', (message) => io.emit('m', message));
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));

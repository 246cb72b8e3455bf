import websocket from '@heddle/fastify';
import Fastify from 'fastify';
import { announce } from './announce.mjs';

const app = Fastify();
await app.register(websocket, { origins: '*' });
app.get('/', { websocket: true }, (socket) => {
  socket.on('message', (message) => socket.send(message));
});
await app.listen({ host: '127.0.0.1', port: 0 });
announce(app.server.address().port);

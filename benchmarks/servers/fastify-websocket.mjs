import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { announce } from './announce.mjs';

const app = Fastify();
await app.register(websocket);
app.get('/', { websocket: true }, (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
await app.listen({ host: '127.0.0.1', port: 0 });
announce(app.server.address().port);

import { websocket, ws } from '@heddle/koa';
import Koa from 'koa';
import { announce } from './announce.mjs';

const app = new Koa();
websocket(app, { origins: '*' });
app.use(
  ws((socket) => {
    socket.on('message', (message) => socket.send(message));
  }),
);
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port));

import Koa from 'koa';
import websocket from 'koa-websocket';
import { announce } from './announce.mjs';

const app = websocket(new Koa());
app.ws.use(({ websocket: socket }) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port));

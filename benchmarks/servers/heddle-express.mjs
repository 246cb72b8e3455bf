import { websocket, ws } from '@heddle/express';
import express from 'express';
import { announce } from './announce.mjs';

const app = express();
websocket(app, { origins: '*' });
app.get(
  '/',
  ws((socket) => {
    socket.on('message', (message) => socket.send(message));
  }),
);
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port));

import express from 'express';
import expressWs from 'express-ws';
import { announce } from './announce.mjs';

const { app } = expressWs(express());
app.ws('/', (socket) => {
  socket.on('message', (data) => socket.send(data));
});
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port));

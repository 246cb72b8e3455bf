import { createServer } from 'node:http';
import websocket from 'websocket';
import { announce, MAX_MESSAGE_BYTES } from './announce.mjs';

const httpServer = createServer();
const server = new websocket.server({
  httpServer,
  autoAcceptConnections: true,
  maxReceivedFrameSize: MAX_MESSAGE_BYTES,
  maxReceivedMessageSize: MAX_MESSAGE_BYTES,
});
server.on('connect', (connection) => {
  connection.on('message', ({ type, utf8Data, binaryData }) => {
    if (type === 'utf8') connection.sendUTF(utf8Data);
    else connection.sendBytes(binaryData);
  });
});
httpServer.listen(0, '127.0.0.1', () => announce(httpServer.address().port));

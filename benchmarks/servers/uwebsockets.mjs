import { createRequire } from 'node:module';
import { announce, deflate, MAX_MESSAGE_BYTES, task } from './announce.mjs';

/** No registry carries it: whoever has it installed can measure it. */
const uWS = createRequire(import.meta.url)('uWebSockets.js');

const TOPIC = 'all';
const app = uWS.App();
app.ws('/*', {
  compression: deflate ? uWS.SHARED_COMPRESSOR : uWS.DISABLED,
  maxPayloadLength: MAX_MESSAGE_BYTES,
  maxBackpressure: MAX_MESSAGE_BYTES,
  open: (socket) => socket.subscribe(TOPIC),
  message(socket, message, binary) {
    if (task === 'echo') socket.send(message, binary, deflate);
    else app.publish(TOPIC, message, binary);
  },
});
app.listen('127.0.0.1', 0, (listening) => announce(uWS.us_socket_local_port(listening)));

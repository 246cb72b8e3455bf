import { announce, deflate, MAX_MESSAGE_BYTES, task } from './announce.mjs';

const TOPIC = 'all';
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, listening) =>
    listening.upgrade(request) ? undefined : new Response('', { status: 400 }),
  websocket: {
    perMessageDeflate: deflate,
    maxPayloadLength: MAX_MESSAGE_BYTES,
    backpressureLimit: MAX_MESSAGE_BYTES,
    open: (socket) => socket.subscribe(TOPIC),
    message(socket, message) {
      if (task === 'echo') socket.send(message, deflate);
      else server.publish(TOPIC, message);
    },
  },
});
announce(server.port);

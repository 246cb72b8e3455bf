import { announce, task } from './announce.mjs';

const sockets = new Set();
const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: () => {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    if (task === 'echo') socket.send(data);
    else for (const other of sockets) other.send(data);
  };
  return response;
});
announce(server.addr.port);

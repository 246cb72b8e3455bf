import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { acceptWebSockets, type Connection } from '@heddle/node';
import { Troubles } from '../src/server-stats.ts';
import type { SoakedServer } from '../src/soak.ts';

type Message = string | Buffer;

/** What it does wrong, in turns, with one message in so many. */
const EVERY = 40;
const faults: readonly ((socket: Connection, message: Message) => void)[] = [
  // Loses it: the next echo passes over it.
  () => {},
  (socket, message) => socket.send(typeof message === 'string' ? `${message}!` : 'text'),
  (socket, message) => {
    socket.send(message);
    socket.send(message);
  },
  (socket) => void socket.close(1011, 'on a whim'),
];

/** An echo server that makes every mistake that well-behaved clients can notice. */
export async function startFaultyServer(): Promise<SoakedServer> {
  const server = createServer();
  let messages = 0;
  const sockets = acceptWebSockets(server, { path: '/echo', compression: true }, (socket) => {
    socket.on('message', (message: Message) => {
      const turn = messages++ % (EVERY * faults.length);
      const fault = turn % EVERY === 0 ? faults[turn / EVERY] : undefined;
      if (fault === undefined) socket.send(message);
      else fault(socket, message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const troubles = new Troubles();
  troubles.warn(new Error('as there are many'));
  return {
    port: (server.address() as AddressInfo).port,
    pid: process.pid,
    stats: async () => troubles.stats(sockets, sockets),
    stop: async () => {
      server.close();
      await sockets.close();
    },
  };
}

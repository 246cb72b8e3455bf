import { getEventListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnyConnection, acceptWebSockets, type Connection, type Sockets } from '@heddle/node';
import { type Footprint, listenersOf, takeFootprint } from './footprint.ts';

/** What the server tells its parent: where it listens, and each time that it is asked what it holds. */
export type LeakServerMessage = { readonly port: number } | { readonly footprint: Footprint };

/** What a client says to be left by the server. */
export const Farewell = { close: 'close', destroy: 'destroy' } as const;

/** How long connections may take to be gone once their clients have left. */
const GONE_MS = 10_000;

/**
 * Starts the server whose leaks are looked for, in a process with a parent: two routes, each with a signal
 * that outlives its connections. `beside` is called with each connection: what it leaves behind is to be found.
 */
export function startLeakServer(beside: (socket: AnyConnection) => void = () => {}): void {
  const server = createServer();
  const { signal } = new AbortController();
  const routes = [
    acceptWebSockets(server, { path: '/plain', signal }, (socket) => {
      beside(socket);
      socket.on('message', (message) => answer(socket, message));
    }),
    acceptWebSockets(server, { path: '/deflated', signal, compression: true }, async (socket) => {
      beside(socket);
      for await (const message of socket) answer(socket, message);
    }),
  ];
  process.on('message', () => void report(server, routes, signal));
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
}

function answer(socket: Connection, message: string | Buffer): void {
  if (message === Farewell.close) socket.close();
  else if (message === Farewell.destroy) socket.destroy();
  else socket.send(message);
}

async function report(
  server: Server,
  routes: readonly Sockets[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + GONE_MS;
  // A connection that does not go is a leak as any other: it is counted below.
  while ((await connectionsOf(server)) > 0 && performance.now() < deadline) await sleep(10);
  // TCP's end comes a moment before the connection's.
  await sleep(10);
  const stats = routes.map((route) => route.stats());
  const footprint = await takeFootprint({
    'sockets.connections': stats.reduce((sum, { connections }) => sum + connections, 0),
    'pending upgrades': stats.reduce((sum, { pendingUpgrades }) => sum + pendingUpgrades, 0),
    'TCP connections': await connectionsOf(server),
    'listeners of the server': listenersOf(server),
    "listeners of the routes' signal": getEventListeners(signal, 'abort').length,
  });
  tell({ footprint });
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

function tell(message: LeakServerMessage): void {
  process.send?.(message);
}

import { once } from 'node:events';
import { buildApp } from './app.ts';

/** The whole of the server's settings, all from the environment. */
const port = Number(process.env['PORT'] ?? 3000);
const host = process.env['HOST'] ?? '127.0.0.1';

/** How long clients may take to say goodbye before the process ends anyway. */
const SHUTDOWN_MS = 10_000;

const { app, sockets } = buildApp();
const server = await listen().catch(exitWith);
console.log(`Echo: ws://${authority()}/echo`);
console.log(`Page: http://${authority()}/`);

process.once('SIGINT', stop);
process.once('SIGTERM', stop);

async function listen() {
  const starting = app.listen(port, host);
  await once(starting, 'listening');
  return starting;
}

/** Tells every client that the server goes (1001), and ends the process with 0 when they have left. */
async function stop(): Promise<void> {
  setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
  server.close();
  await sockets.close();
  // What has asked for no WebSocket and keeps its connection for the next request.
  server.closeAllConnections();
}

function authority(): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A port was asked for');
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

function exitWith(error: NodeJS.ErrnoException): never {
  console.error(explain(error));
  process.exit(1);
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ERR_SOCKET_BAD_PORT':
      return `PORT is "${process.env['PORT']}", and should be a number from 0 to 65535.`;
    case 'EADDRINUSE':
      return `Port ${port} is taken. Choose another: PORT=${port + 1}`;
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose one above 1023: PORT=3000`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST is "${host}", and that is no address of this machine.`;
    default:
      return `The echo server cannot start: ${error.message}`;
  }
}

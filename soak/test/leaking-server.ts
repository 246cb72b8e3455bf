import { startLeakServer } from '../src/leaks/leak-server.ts';

/** A server that leaves something of each kind behind: a listener, with its connection, and a timer. */
process.setMaxListeners(0);
startLeakServer((socket) => {
  process.on('SIGUSR2', () => socket.destroy());
  setInterval(() => {}, 60_000).unref();
});

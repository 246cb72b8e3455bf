import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { acceptWebSockets, type CloseInfo, type Connection } from '@heddle/node';

/** What this server makes of an end, for its parent to compare. */
export type ServerEnd = Pick<CloseInfo, 'code' | 'wasClean'>;

/**
 * A server whose event loop stands still for so many milliseconds when its parent says so; the answer is how
 * those connections have ended that it closed just before, whose clients had said `close`. Each of its deadlines is
 * far shorter.
 */
const server = createServer();
const leaving: Connection[] = [];
acceptWebSockets(
  server,
  {
    path: '/',
    heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 },
    progressTimeoutMs: 1_000,
    closingTimeoutMs: 1_000,
    handshakeTimeoutMs: 1_000,
  },
  (socket) => {
    socket.on('message', (message) => {
      if (message === 'close') leaving.push(socket);
      else socket.send(message);
    });
  },
);

process.on('message', async (ms) => {
  const closing = leaving.map((socket) => socket.close(1000, 'before the stall'));
  // The close frames leave; their answers find nobody.
  await nextTurn();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
  const ends = await Promise.all(closing);
  process.send?.(ends.map(({ code, wasClean }): ServerEnd => ({ code, wasClean })));
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

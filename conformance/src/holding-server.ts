import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AnyConnection, acceptWebSockets, type Connection } from '@heddle/node';

/** What a server holds for its clients, in bytes: by its own count, and by that of V8. */
export interface Holding {
  readonly connections: number;
  /** What it has read of them. */
  readonly readBytes: number;
  /** `sockets.stats().retainedBytes`. */
  readonly countedBytes: number;
  /** What is on the heap and beside it, garbage collected. */
  readonly memoryBytes: number;
}

/**
 * A server whose application never takes a message. It is a process of its own, needs `--expose-gc`, tells its
 * parent the port, and then does what that says: `'tell'` what it holds, `'drop'` all connections.
 */
const server = createServer();
/** Not the compression: what holds there are the absolute limits. */
const held = acceptWebSockets(server, { path: '/held' }, () => new Promise<never>(() => {}));
const streamed = acceptWebSockets(server, { path: '/streamed' }, async (socket: Connection) => {
  const { value: message } = await socket.incoming().next();
  // It is begun, and never read on.
  await message?.[Symbol.asyncIterator]().next();
  await new Promise<never>(() => {});
});

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (wanted) => {
  if (wanted === 'tell') process.send?.(holding());
  else for (const socket of connections()) socket.destroy();
});

function connections(): readonly AnyConnection[] {
  return [...held.connections, ...streamed.connections];
}

function holding(): Holding {
  // Twice: what the first has freed of buffers, another thread may be at.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const sockets = connections();
  return {
    connections: sockets.length,
    readBytes: sockets.reduce((sum, { request }) => sum + (request?.socket.bytesRead ?? 0), 0),
    countedBytes: held.stats().retainedBytes + streamed.stats().retainedBytes,
    memoryBytes: heapUsed + external,
  };
}

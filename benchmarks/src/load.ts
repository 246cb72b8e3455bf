import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Batch, makeBatch } from './batch.ts';
import type { Round, Workload } from './workload.ts';

/**
 * The load generator, a process of its own: `node load.ts <url> <workload as JSON>` prints a `Round`
 * as JSON. It compares every byte that comes back, and ends with an error at the first that differs.
 */
const [, , url = '', json = ''] = process.argv;
process.stdout.write(JSON.stringify(await run(new URL(url), JSON.parse(json))));

async function run(url: URL, { bytes, connections, depth, messages }: Workload): Promise<Round> {
  const batch = makeBatch(bytes, depth);
  const batches = Math.max(1, Math.round(messages / connections / depth));
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)));
  const tripsMs: number[] = [];
  const begin = performance.now();
  await Promise.all(sockets.map((socket) => exchange(socket, batch, batches, tripsMs)));
  const seconds = (performance.now() - begin) / 1_000;
  for (const socket of sockets) socket.destroy();
  tripsMs.sort((one, other) => one - other);
  return {
    messages: batches * depth * connections,
    seconds,
    p50Ms: quantile(tripsMs, 0.5),
    p99Ms: quantile(tripsMs, 0.99),
  };
}

/** Sends a batch, waits for all of its echoes, and sends the next. */
function exchange(socket: Socket, batch: Batch, batches: number, tripsMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = batches;
    let received = 0;
    let sentAt = performance.now();
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      const expected = batch.answer.subarray(received, received + chunk.byteLength);
      if (!expected.equals(chunk)) reject(new Error('an echo differs'));
      received += chunk.byteLength;
      if (received < batch.answer.byteLength) return;
      const now = performance.now();
      tripsMs.push(now - sentAt);
      sentAt = now;
      received = 0;
      if (--left === 0) resolve();
      else socket.write(batch.request);
    });
    socket.write(batch.request);
  });
}

async function open(url: URL): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  socket.setNoDelay(true);
  socket.write(
    `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  if (!String(answer).startsWith('HTTP/1.1 101 ')) throw new Error(`refused: ${String(answer)}`);
  return socket;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

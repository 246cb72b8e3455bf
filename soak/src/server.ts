import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { acceptWebSockets, routeUpgrades, type ServerOptions } from '@heddle/node';
import { patient } from './patience.ts';
import { createDispatch, echo } from './routes.ts';
import { garbageCollector, type ProcessStats, Troubles } from './server-stats.ts';

/**
 * The server under attack, on 127.0.0.1 and `PORT`: limits and deadlines are short, so that an attack is over
 * in seconds. It prints its URL, outlives every error, and ends with its parent.
 */
const troubles = new Troubles();
troubles.watch();

/** The origin is checked, as by default: well-behaved clients that are no browsers send none. */
const options: ServerOptions = {
  compression: true,
  subprotocols: ['soak'],
  limits: { maxMessageBytes: 2 ** 20, maxFragments: 4_096 },
  handshakeTimeoutMs: patient(1_000),
  progressTimeoutMs: patient(2_000),
  closingTimeoutMs: patient(500),
  heartbeat: { intervalMs: patient(1_000), timeoutMs: patient(1_500) },
  onError: troubles.onError,
};

/** Whatever a peer may send as header fields comes to Heddle: Node drops all after 2,000, and most of 128 KiB. */
const server = createServer(
  {
    headersTimeout: patient(2_000),
    requestTimeout: patient(3_000),
    keepAliveTimeout: 500,
    connectionsCheckingInterval: 200,
    maxHeaderSize: 128 * 1024,
  },
  answer,
);
server.maxHeadersCount = 0;

const echoes = acceptWebSockets(server, { ...options, path: '/echo' }, echo);
const routed = routeUpgrades(server, createDispatch(troubles), options);
const collectGarbage = garbageCollector();

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method !== 'GET' || pathname !== '/stats') {
    response.writeHead(404).end();
    return;
  }
  if (searchParams.has('collect')) collectGarbage();
  server.getConnections((_, tcpConnections) => {
    const stats: ProcessStats = { ...troubles.stats(echoes, routed), tcpConnections };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(stats));
  });
}

server.listen(Number(process.env['PORT'] ?? 9002), '127.0.0.1', () => {
  process.stdout.write(`Soak: ws://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { MEASURABLE, ServerProcess } from './server-process.ts';

/**
 * `pnpm bench:deflate-memory`: what a connection with permessage-deflate costs a server in memory, once
 * a compressed message has gone each way, beside what one without it costs. `CONNECTIONS` from the
 * environment.
 */
const CONNECTIONS = Number(process.env['CONNECTIONS'] ?? 1_000);

const MESSAGE_BYTES = 4_096;

/** How many connections are opened at once. */
const AT_ONCE = 50;

interface Subject {
  readonly server: 'heddle' | 'ws';
  readonly how: string;
  /** For the environment of the server. */
  readonly deflate: string;
}

const subjects: readonly Subject[] = [
  { server: 'heddle', how: 'plain', deflate: '' },
  { server: 'heddle', how: 'compression: true', deflate: '1' },
  {
    server: 'heddle',
    how: 'no takeover, both ways',
    deflate: '{"serverNoContextTakeover":true,"clientNoContextTakeover":true}',
  },
  {
    server: 'heddle',
    how: 'no takeover of the server',
    deflate: '{"serverNoContextTakeover":true}',
  },
  {
    server: 'heddle',
    how: '15 bits, memLevel 8',
    deflate: '{"serverMaxWindowBits":15,"clientMaxWindowBits":15,"memLevel":8}',
  },
  { server: 'ws', how: 'plain', deflate: '' },
  { server: 'ws', how: 'perMessageDeflate: true', deflate: '1' },
];

const files = {
  heddle: resolve('@heddle/conformance/echo-server'),
  ws: resolve('../servers/ws.mjs'),
};

const plain = new Map<string, number>();
console.log(`Node ${process.version}, ${CONNECTIONS} connections, bytes of RSS for each\n`);
console.log(`${'server'.padEnd(8)}${'with'.padEnd(28)}${'bytes'.padStart(9)}  above plain`);
for (const subject of subjects) {
  const { server, how, deflate } = subject;
  const bytes = await measure(subject);
  if (deflate === '') plain.set(server, bytes);
  const above = deflate === '' ? '' : (bytes - (plain.get(server) ?? 0)).toFixed(0);
  console.log(
    `${server.padEnd(8)}${how.padEnd(28)}${bytes.toFixed(0).padStart(9)}${above.padStart(13)}`,
  );
}

/** The bytes that each connection adds to the server's resident set. */
async function measure({ server, deflate }: Subject): Promise<number> {
  const command = [process.execPath, ...MEASURABLE, files[server]];
  const running = await ServerProcess.start({
    command,
    env: { DEFLATE: deflate },
    measurable: true,
  });
  try {
    // The first ones have the server allocate what it does once, and stay, so that nothing is free again.
    const first = await openAll(running.url, deflate !== '', CONNECTIONS);
    const before = await settled(running);
    const counted = await openAll(running.url, deflate !== '', CONNECTIONS);
    const after = await settled(running);
    for (const client of [...first, ...counted]) client.terminate();
    return (after - before) / CONNECTIONS;
  } finally {
    await running.stop();
  }
}

/** The server's memory, once it has come to rest. */
async function settled(server: ServerProcess): Promise<number> {
  await sleep(500);
  return await server.residentBytes();
}

async function openAll(url: string, deflates: boolean, count: number): Promise<WebSocket[]> {
  const clients: WebSocket[] = [];
  while (clients.length < count) {
    const more = Math.min(AT_ONCE, count - clients.length);
    const opening = Array.from({ length: more }, (_, index) =>
      openOne(url, deflates, clients.length + index),
    );
    clients.push(...(await Promise.all(opening)));
  }
  return clients;
}

/** A client that has sent a message, compressed if that is the point, and has got it back. */
async function openOne(url: string, deflates: boolean, id: number): Promise<WebSocket> {
  const client = new WebSocket(url, { perMessageDeflate: deflates });
  await once(client, 'open');
  if ((client.extensions !== '') !== deflates) throw new Error('the wrong thing was negotiated');
  const text = someJson(id);
  client.send(text);
  const [echo] = await once(client, 'message');
  if (String(echo) !== text) throw new Error('an echo differs');
  return client;
}

/** A list of records, as an API would send it. */
function someJson(id: number): string {
  const records: string[] = [];
  for (let length = 0; length < MESSAGE_BYTES; length += records.at(-1)?.length ?? 0) {
    const record = { id: id * 1_000 + records.length, name: `warp ${records.length}`, tight: true };
    records.push(JSON.stringify(record));
  }
  return `[${records.join()}]`.slice(0, MESSAGE_BYTES);
}

function resolve(specifier: string): string {
  return fileURLToPath(import.meta.resolve(specifier));
}

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type Connection, connect, HandshakeRefusedError } from '@heddle/node';
import { Farewell } from './leak-server.ts';

/** Where a visit goes, and the signal that all visits share, which must not remember them. */
export interface Place {
  readonly port: number;
  readonly signal: AbortSignal;
}

/** A connection of our client, and the TCP connection under it. */
interface Visitor {
  readonly socket: Connection;
  readonly tcp: Socket;
}

/** Enough to be compressed, where that was negotiated. */
const MESSAGE = 'what is said over and over again. '.repeat(60);

/** How a visit ends. */
interface Parting {
  readonly name: string;
  /** The close code that our side sees. */
  readonly code: number;
  part(visitor: Visitor): void;
}

const partings: readonly Parting[] = [
  { name: 'closed by us', code: 1000, part: ({ socket }) => void socket.close(1000, 'bye') },
  { name: 'closed by it', code: 1000, part: ({ socket }) => void socket.send(Farewell.close) },
  { name: 'destroyed by us', code: 1006, part: ({ socket }) => socket.destroy() },
  { name: 'destroyed by it', code: 1006, part: ({ socket }) => void socket.send(Farewell.destroy) },
  { name: 'reset by us', code: 1006, part: ({ tcp }) => void tcp.resetAndDestroy() },
  { name: 'half-closed by us', code: 1006, part: ({ tcp }) => void tcp.end() },
  // A frame with all reserved bits, and not masked.
  { name: 'failed by it', code: 1002, part: ({ tcp }) => void tcp.write(Buffer.of(0xff, 0x00)) },
];

/** Every way to come and to go. Each resolves when its connection is gone, and rejects if it went otherwise. */
export const visits: readonly ((place: Place) => Promise<void>)[] = [
  ...partings.map((parting) => (place: Place) => visit(place, 'plain', parting)),
  ...partings.map((parting) => (place: Place) => visit(place, 'deflated', parting)),
  refusedVisit,
];

async function visit(place: Place, route: string, { name, code, part }: Parting): Promise<void> {
  const visitor = await open(place, route);
  const { socket } = visitor;
  const echo = once(socket, 'message');
  socket.send(MESSAGE);
  if ((await echo)[0] !== MESSAGE) throw new Error(`${route}: the echo differs`);
  await socket.ping();
  part(visitor);
  const { code: actual } = await socket.closed;
  if (actual !== code) throw new Error(`${route}, ${name}: the close code is ${actual}`);
}

async function open({ port, signal }: Place, route: string): Promise<Visitor> {
  const tcp = connectTcp({ port, host: '127.0.0.1' });
  const socket = await connect(`ws://127.0.0.1:${port}/${route}`, {
    createConnection: () => tcp,
    compression: route === 'deflated',
    signal,
  });
  return { socket, tcp };
}

async function refusedVisit({ port, signal }: Place): Promise<void> {
  const refused = await connect(`ws://127.0.0.1:${port}/nowhere`, { signal }).catch(
    (error: unknown) => error,
  );
  if (!(refused instanceof HandshakeRefusedError)) throw new Error(`not refused: ${refused}`);
}

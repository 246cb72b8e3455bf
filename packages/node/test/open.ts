import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ScriptedPeer } from '@heddle/testing';
import { onTestFinished } from 'vitest';
import { Connection, type ConnectionStart } from '../src/connection/connection.ts';
import type { ConnectionOptions } from '../src/options.ts';
import { resolveOptions } from '../src/resolve-options.ts';
import { HeldTransport } from './held-transport.ts';

type Start = Partial<Omit<ConnectionStart, 'transport' | 'options'>>;

/** A connection over `transport`, as the opening handshake leaves it. */
export function openOver<In = string | Buffer, Out = string | Uint8Array>(
  transport: Duplex,
  options: ConnectionOptions<In, Out> = {},
  start: Start = {},
): Connection<In, Out> {
  onTestFinished(() => {
    transport.destroy();
  });
  return new Connection<In, Out>({
    role: 'server',
    head: Buffer.alloc(0),
    subprotocol: undefined,
    extensions: [],
    ...start,
    transport,
    options: resolveOptions(options),
  });
}

/** Two ends of a TCP connection; the server's stays half open, as those of `http.Server` do. */
export async function tcpPair(): Promise<{ readonly client: Socket; readonly server: Socket }> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = connect({ port: address.port, host: '127.0.0.1', noDelay: true });
  const [[server]] = (await Promise.all([
    once(listener, 'connection'),
    once(client, 'connect'),
  ])) as [[Socket], unknown];
  listener.close();
  onTestFinished(() => {
    client.destroy();
    server.destroy();
  });
  return { client, server };
}

/** A server's connection over TCP, and a client that does what the test says. */
export async function serverAndPeer<In = string | Buffer, Out = string | Uint8Array>(
  options: ConnectionOptions<In, Out> = {},
): Promise<{
  readonly socket: Connection<In, Out>;
  readonly peer: ScriptedPeer;
  readonly transport: Socket;
}> {
  const { client, server } = await tcpPair();
  // The peer, too, keeps its half open until the script ends it.
  client.allowHalfOpen = true;
  const peer = new ScriptedPeer(client);
  return { socket: openOver(server, options), peer, transport: server };
}

/** A client's connection over TCP, and a server that does what the test says. */
export async function clientAndPeer(options: ConnectionOptions = {}): Promise<{
  readonly socket: Connection;
  readonly peer: ScriptedPeer;
}> {
  const { client, server } = await tcpPair();
  const peer = new ScriptedPeer(server, { role: 'server' });
  return { socket: openOver(client, options, { role: 'client' }), peer };
}

/** Two connections over TCP. */
export async function connectionsOverTcp(
  options: { readonly client?: ConnectionOptions; readonly server?: ConnectionOptions } = {},
): Promise<{ readonly client: Connection; readonly server: Connection }> {
  const pair = await tcpPair();
  return {
    client: openOver(pair.client, options.client, { role: 'client' }),
    server: openOver(pair.server, options.server),
  };
}

/** A server's connection over a transport that the test drives. */
export function openHeld<In = string | Buffer, Out = string | Uint8Array>(
  options: ConnectionOptions<In, Out> = {},
): { readonly socket: Connection<In, Out>; readonly transport: HeldTransport } {
  const transport = new HeldTransport();
  return { socket: openOver(transport, options), transport };
}

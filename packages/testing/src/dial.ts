import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** Where to connect to. */
export interface DialOptions {
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** Speak TLS, with these options of `tls.connect`: `{ ca }` trusts a certificate of one's own. */
  readonly tls?: ConnectionOptions;
}

/** A connection, and the TCP connection under it, which is the same unless there is TLS. */
export interface Dialed {
  readonly stream: Duplex;
  readonly socket: Socket;
}

/**
 * Connects. Neither TCP nor TLS answers the peer's FIN with one of its own, as Node does by default:
 * a scripted peer does only what the script says. A session of HTTP/2 relies on Node's default.
 */
export async function dial(
  { port, host = '127.0.0.1', tls }: DialOptions,
  { allowHalfOpen = true } = {},
): Promise<Dialed> {
  const socket = connectTcp({ port, host, allowHalfOpen, noDelay: true });
  await once(socket, 'connect');
  if (tls === undefined) return { stream: socket, socket };
  const stream = connectTls({ host, ...tls, socket });
  await once(stream, 'secureConnect');
  return { stream, socket };
}

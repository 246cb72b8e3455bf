import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Whether a transport is a socket of TCP and nothing else. Subclasses are something else: TLS has a handle
 * of another kind, and anybody may have written one that keeps what is written to it.
 */
export function isTcpSocket(transport: Duplex): transport is Socket {
  return (transport.constructor as unknown) === Socket;
}

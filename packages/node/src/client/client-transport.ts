import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ClientTarget } from './client-url.ts';

export interface TransportOptions {
  readonly tls: TlsOptions;
  /** A stream to the server that the application has made itself. */
  readonly made: Duplex | undefined;
  /** What TLS offers to speak (ALPN), the preferable first; the application's own list goes before it. */
  readonly protocols: readonly string[];
}

/**
 * Opens the transport to `target`, which for `wss:` includes TLS: over `made`, else over TCP. The
 * certificate is verified unless `tls` says otherwise.
 */
export function openTransport(
  { host, port, secure, servername }: ClientTarget,
  { tls, made, protocols }: TransportOptions,
): Duplex {
  if (!secure) return made ?? connectTcp({ host, port });
  return connectTls({
    ALPNProtocols: [...protocols],
    ...(servername !== undefined && { servername }),
    ...tls,
    ...(made === undefined ? { host, port } : { host, socket: made }),
  });
}

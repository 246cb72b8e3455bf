import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ClientTarget } from './client-url.ts';

/**
 * Opens the transport to `target`, which for `wss:` includes TLS: over `made`, if the application has
 * made a stream to the server itself, else over TCP. The certificate is verified unless `tls` says
 * otherwise.
 */
export function openTransport(
  { host, port, secure, servername }: ClientTarget,
  tls: TlsOptions,
  made: Duplex | undefined,
): Duplex {
  if (!secure) return made ?? connectTcp({ host, port });
  return connectTls({
    ALPNProtocols: ['http/1.1'],
    ...(servername !== undefined && { servername }),
    ...tls,
    ...(made === undefined ? { host, port } : { host, socket: made }),
  });
}

import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { UsageError } from '@heddle/core';
import { type ConnectOptions, connect } from './client/connect.ts';
import type { Connection } from './connection/connection.ts';
import { streamPair } from './connection/stream-pair.ts';
import { speaksHttp2, type UpgradeServer } from './server/upgrade-server.ts';

/** What the handshake of `inject` says. */
export interface InjectOptions extends Pick<ConnectOptions, 'headers' | 'subprotocols' | 'signal'> {
  /** Added to the path's own; a list repeats its name. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Opens a WebSocket without a port, as tests like to: over a pair of streams in memory, one end of
 * which is a connection that `server`, which need not listen, has just accepted. Everything between
 * is real: the HTTP parser, the framework, both handshakes. A server for HTTP/2 is spoken to in that.
 *
 * Rejects as `connect` does, with `HandshakeRefusedError` (`status`, `headers`, `body`) if the
 * handshake is refused, and with `UsageError` `WS_INVALID_OPTION` for a `path` without a slash.
 */
export async function inject<In = string | Buffer, Out = string | Uint8Array>(
  server: UpgradeServer,
  path: string,
  { query = {}, ...options }: InjectOptions = {},
): Promise<Connection<In, Out>> {
  const address = `ws://localhost${path}`;
  if (!path.startsWith('/') || !URL.canParse(address)) {
    throw new UsageError('WS_INVALID_OPTION', `path must begin with a slash, not be '${path}'`);
  }
  const url = new URL(address);
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value);
  }
  const http = speaksHttp2(server) ? 2 : 1;
  return connect<In, Out>(url, { ...options, http, createConnection: () => connectionTo(server) });
}

function connectionTo(server: UpgradeServer): Duplex {
  const [ours, theirs] = streamPair();
  if (server instanceof TlsServer) {
    // As a socket whose TLS handshake is done, in which both sides have agreed on what to speak.
    const alpnProtocol = speaksHttp2(server) ? 'h2' : 'http/1.1';
    server.emit('secureConnection', Object.assign(theirs, { alpnProtocol, server }));
  } else {
    server.emit('connection', theirs);
  }
  return ours;
}

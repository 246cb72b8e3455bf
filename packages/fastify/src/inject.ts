import type { Server } from 'node:http';
import { duplexPair } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { type Connection, type ConnectOptions, connect } from '@heddle/node';

/** What the handshake of `injectWS` says. */
export interface InjectOptions extends Pick<ConnectOptions, 'headers' | 'subprotocols' | 'signal'> {
  /** Added to the path; a list repeats its name. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Opens a WebSocket over a pair of streams in memory, one end of which is a connection that `server`
 * has just accepted. Everything between is real: the HTTP parser, the framework, both handshakes.
 */
export function inject<In, Out>(
  server: Server,
  path: string,
  { query = {}, ...options }: InjectOptions,
): Promise<Connection<In, Out>> {
  const url = new URL(path, 'ws://localhost');
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) url.searchParams.append(name, one);
  }
  return connect<In, Out>(url, { ...options, createConnection: () => connectTo(server) });
}

function connectTo(server: Server) {
  const [ours, theirs] = duplexPair();
  // Behind TLS a server speaks HTTP with what has passed the TLS handshake.
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', theirs);
  return ours;
}

import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { handshakeKey, openingFields } from '@heddle/core';
import { ClientHandshake } from './client-handshake.ts';
import { mergeHeaders } from './client-headers.ts';
import { readUrl } from './client-url.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';

/** What `connect` can be given, beside what any connection can. */
export interface ConnectOptions<In = string | Buffer, Out = string | Uint8Array>
  extends ConnectionOptions<In, Out> {
  /**
   * The subprotocols to offer, in our order of preference. `socket.subprotocol` tells which the server
   * has chosen; it may choose none.
   */
  readonly subprotocols?: readonly string[];
  /** More header fields for the request: `Origin`, `Cookie`, `Authorization`, another `Host`, … */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * How long it may take until the connection is open, in milliseconds, with name resolution, TCP,
   * TLS and the answer.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number;
  /** Gives up the handshake; an open connection is not touched. */
  readonly signal?: AbortSignal;
  /** For `wss:`, as in `tls.connect`: `ca`, `cert`, `key`, `servername`, … */
  readonly tls?: TlsOptions;
  /**
   * Makes the stream to the server in place of TCP: through a proxy, or to a Unix socket. For `wss:`
   * TLS is put on top of it. The stream is destroyed if the handshake fails.
   */
  readonly createConnection?: () => Duplex | Promise<Duplex>;
}

/**
 * Opens a WebSocket to a server; `ws:`, `wss:`, and `http:` and `https:` for the same. A user name and
 * a password in the URL are sent as `Authorization`. Redirects are not followed.
 *
 * Rejects, and then nothing is left open, with
 * - `UsageError` `WS_INVALID_OPTION` for a URL or an option that is wrong;
 * - `HandshakeRefusedError` `WS_HANDSHAKE_REFUSED`, which has the response's `status`, `headers` and the
 *   first 4 KiB of its `body`, if the server answers with another status than 101;
 * - `HandshakeError`, with a code `WS_ANSWER_…`, if its 101 breaks a rule of §4.1;
 * - the network's own error, such as `ECONNREFUSED`, as it is;
 * - a `DOMException` called `TimeoutError` after `handshakeTimeoutMs`;
 * - the signal's reason, if `signal` aborts.
 */
export async function connect<In = string | Buffer, Out = string | Uint8Array>(
  url: string | URL,
  options: ConnectOptions<In, Out> = {},
): Promise<Connection<In, Out>> {
  const { subprotocols, headers = {}, signal, tls = {}, createConnection, ...rest } = options;
  const target = readUrl(url);
  const opening = { key: handshakeKey(randomBytes(16)), subprotocols };
  const { authority, authorization } = target;
  const defaults = {
    Host: authority,
    ...(authorization !== undefined && { Authorization: authorization }),
  };
  const plan = {
    target,
    opening,
    headers: mergeHeaders(openingFields(opening), defaults, headers),
    options: resolveOptions(rest),
    tls,
    createConnection,
    signal,
  };
  signal?.throwIfAborted();
  return new ClientHandshake<In, Out>(plan).result;
}

import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { connectFields, handshakeKey, openingFields } from '@heddle/core';
import { clientExtensions } from '../compression/extensions.ts';
import type { Connection } from '../connection/connection.ts';
import { invalidOption } from '../invalid-option.ts';
import type { ConnectionOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import { ClientAttempt } from './client-attempt.ts';
import { openOverHttp1 } from './client-handshake.ts';
import { mergeHeaders, streamHeaders } from './client-headers.ts';
import { openOverHttp2 } from './client-stream-handshake.ts';
import { readUrl } from './client-url.ts';

/** What `connect` can be given, beside what any connection can. */
export interface ConnectOptions<In = string | Buffer, Out = string | Uint8Array>
  extends ConnectionOptions<In, Out> {
  /**
   * The version of HTTP that opens the WebSocket. With 2 (RFC 8441) those to one origin share a
   * connection, as long as `tls` has the same values and `createConnection` is the same function. Where
   * the server does not take WebSockets over HTTP/2, each gets one of HTTP/1.1: over the first
   * connection if TLS says so, else (`ws:` tries HTTP/2 unasked) over another.
   * @default 1
   */
  readonly http?: 1 | 2;
  /**
   * The subprotocols to offer, in our order of preference. `socket.subprotocol` tells which the server
   * has chosen; it may choose none.
   */
  readonly subprotocols?: readonly string[];
  /** More header fields for the request: `Origin`, `Cookie`, `Authorization`, another `Host`, … */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * How long it may take until the connection is open, in milliseconds, with name resolution, TCP,
   * TLS and the answer; with `http: 2`, another try with HTTP/1.1 too.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number;
  /** Gives up the handshake; an open connection is not touched. */
  readonly signal?: AbortSignal;
  /** For `wss:`, as in `tls.connect`: `ca`, `cert`, `key`, `servername`, … */
  readonly tls?: TlsOptions;
  /**
   * Makes the stream to the server in place of TCP: through a proxy, or to a Unix socket. For `wss:`
   * TLS is put on top of it. The stream is destroyed if the handshake fails. With `http: 2` it is called
   * for each connection: several WebSockets may share one, and HTTP/1.1 after all needs another.
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
 *   first 4 KiB of its `body`, if the server answers with another status than 101,
 *   over HTTP/2 than 200;
 * - `HandshakeError`, with a code `WS_ANSWER_…`, if its answer breaks a rule of §4.1;
 * - the network's own error, such as `ECONNREFUSED`, as it is;
 * - a `DOMException` called `TimeoutError` after `handshakeTimeoutMs`;
 * - the signal's reason, if `signal` aborts.
 */
export async function connect<In = string | Buffer, Out = string | Uint8Array>(
  url: string | URL,
  options: ConnectOptions<In, Out> = {},
): Promise<Connection<In, Out>> {
  const { http = 1, subprotocols, headers = {}, signal, tls, createConnection, ...rest } = options;
  if (http !== 1 && http !== 2) {
    throw invalidOption('http', '1 or 2', http);
  }
  const target = readUrl(url);
  const resolved = resolveOptions(rest);
  const extensions = clientExtensions(resolved.compression);
  const opening = { key: handshakeKey(randomBytes(16)), subprotocols, extensions };
  const { authority, authorization, path, secure } = target;
  const defaults = {
    Host: authority,
    ...(authorization !== undefined && { Authorization: authorization }),
  };
  const plan = {
    target,
    opening,
    headers: mergeHeaders(openingFields(opening), defaults, headers),
    options: resolved,
    tls: { ...tls },
    createConnection,
    signal,
  };
  const pseudo = { ':scheme': secure ? 'https' : 'http', ':path': path };
  const fields = mergeHeaders({ ...connectFields(opening), ...pseudo }, defaults, headers);
  signal?.throwIfAborted();
  const attempt = new ClientAttempt<In, Out>(plan);
  const begun = http === 1 ? openOverHttp1(attempt) : openOverHttp2(attempt, streamHeaders(fields));
  begun.catch(attempt.fail);
  return attempt.result;
}

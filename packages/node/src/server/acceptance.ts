import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import {
  isAllowedOrigin,
  negotiateExtensions,
  type Opening,
  openingAnswer,
  type PermessageDeflate,
  refuseOrigin,
  selectSubprotocol,
} from '@heddle/core';
import { serverExtensions } from '../compression/extensions.ts';
import { type AnyConnection, Connection } from '../connection/connection.ts';
import type { ConnectionHost } from '../connection/connection-host.ts';
import type { ResolvedOptions } from '../options.ts';
import { sha1 } from '../sha1.ts';
import type { Leave } from './address-places.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';

/** What a handshake and a route's options come to. */
export interface Terms {
  readonly options: ResolvedOptions;
  readonly subprotocol: string | undefined;
  readonly extensions: readonly PermessageDeflate[];
  /** The header fields that make a 101 the answer to this handshake. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A handshake that a route has accepted, and what is to come of it. */
export interface Acceptance extends Terms {
  readonly handler: (connection: AnyConnection) => unknown;
  /** Gives back the place among those of the client's address. */
  readonly leave: Leave;
}

/**
 * What `options` make of a handshake for `host`. Throws `HandshakeError` `WS_HANDSHAKE_ORIGIN`, and `UsageError`
 * `WS_INVALID_OPTION` if the `subprotocols` function chooses one that was not offered.
 */
export function acceptOpening(
  opening: Opening,
  options: ResolvedOptions,
  request: IncomingMessage,
  host = opening.host,
): Terms {
  const { origin, subprotocols: offered } = opening;
  if (!isAllowedOrigin(options.origins, origin, host)) throw refuseOrigin(origin, host);
  const { subprotocols } = options;
  const subprotocol =
    typeof subprotocols === 'function'
      ? subprotocols(offered, request)
      : selectSubprotocol(offered, subprotocols);
  const accepted = negotiateExtensions(opening.extensions, serverExtensions(options.compression));
  const fields = openingAnswer(opening, { subprotocol, extensions: accepted }, sha1);
  return { options, subprotocol, extensions: accepted.map(({ extension }) => extension), fields };
}

/**
 * The connection that an upgrade becomes, once the 101 has left: from here on it alone listens to the
 * socket. `undefined` if the client has gone. `host` is whose it is.
 */
export function openUpgraded(
  upgrade: IncomingUpgrade,
  { options, subprotocol, extensions }: Terms,
  host: ConnectionHost,
): AnyConnection | undefined {
  const { request, socket, head } = upgrade;
  // A client that ended its half while the application was busy: the stream has said so, once. It
  // would not say it again to a connection, which would wait for it forever.
  if (!socket.readable || !socket.writable) return undefined;
  if (socket instanceof Socket) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
  }
  const start = { role: 'server', transport: socket, head, options, extensions } as const;
  const connection: AnyConnection = new Connection({ ...start, subprotocol, request, host });
  upgrade.release();
  return connection;
}

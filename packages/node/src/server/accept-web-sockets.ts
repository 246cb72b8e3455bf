import type { IncomingMessage } from 'node:http';
import { UsageError } from '@heddle/core';
import type { Connection } from '../connection/connection.ts';
import type { ServerOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import type { ConnectionHandler } from './accept-at-once.ts';
import { Sockets } from './sockets.ts';
import type { UpgradeServer } from './upgrade-server.ts';

/** The options of `acceptWebSockets`. */
export interface AcceptWebSocketsOptions<In = string | Buffer, Out = string | Uint8Array>
  extends ServerOptions<In, Out> {
  /**
   * The path of the URL, compared as it came: nothing is decoded, and a slash at its end counts.
   * Without it every path is taken that no other `'upgrade'` listener wants.
   */
  readonly path?: string;
}

/**
 * Accepts the WebSockets of a path of `server`, and calls `handler` with each. Where nobody else would
 * answer, handshakes for other paths get 404, plain requests for this one 426, and others 404.
 *
 * Without a `server` there is none until `attach`. Throws `UsageError` `WS_INVALID_OPTION`.
 */
export function acceptWebSockets<In = string | Buffer, Out = string | Uint8Array>(
  server: UpgradeServer | undefined,
  { path, ...options }: AcceptWebSocketsOptions<In, Out>,
  handler: (socket: Connection<In, Out>, request: IncomingMessage) => unknown,
): Sockets {
  assertPath(path);
  const resolved = resolveOptions(options);
  const owns =
    path === undefined
      ? undefined
      : (request: IncomingMessage): boolean => pathOf(request.url ?? '') === path;
  // The messages are what `options.schema` makes of them: the types come from there.
  const accept = handler as ConnectionHandler;
  const route = { owns, accept, answersRest: path === undefined, upgradeOnly: true };
  const sockets = new Sockets(route, resolved);
  if (server !== undefined) sockets.attach(server);
  return sockets;
}

function assertPath(path: unknown): void {
  if (path === undefined) return;
  if (typeof path === 'string' && path.startsWith('/') && pathOf(path) === path) return;
  throw new UsageError(
    'WS_INVALID_OPTION',
    `path must begin with / and have neither ? nor #, not ${String(path)}`,
  );
}

/** The path of a request target: `/chat?room=1`, or `http://example.org/chat` as proxies send it. */
function pathOf(target: string): string {
  if (!target.startsWith('/')) return URL.canParse(target) ? new URL(target).pathname : '';
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}

import type { IncomingMessage } from 'node:http';
import { invalidOption } from '../invalid-option.ts';
import type { ServerOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import { Sockets } from './sockets.ts';
import type { Dispatch } from './upgrade-host.ts';
import type { UpgradeServer } from './upgrade-server.ts';

/** The options of `routeUpgrades`. */
export interface RouteUpgradesOptions<In = string | Buffer, Out = string | Uint8Array>
  extends ServerOptions<In, Out> {
  /**
   * Tells the requests of this application from those of other `'upgrade'` listeners on the server:
   * of those that have others, only these are dispatched.
   *
   * Without it, where others listen, they go first, and what they leave is dispatched: a request that
   * a route accepts, or that is refused with a status other than 404 and 405, is the application's.
   * Else nothing is sent, and the socket stays for an asynchronous listener to take.
   */
  readonly owns?: (request: IncomingMessage) => boolean;
}

/**
 * Hands every WebSocket handshake of `server` to `dispatch`, as an ordinary request with an ordinary
 * response: the application, its middleware and its routes run on it as on a GET. A route calls
 * `pendingUpgrade(request).accept(…)`; the response's 101 then carries the handshake, next to the
 * headers and cookies that the application set; any other status refuses it.
 *
 * A handshake that breaks a rule is refused before `dispatch` is called, with 400, 405 or 426. What
 * `dispatch` throws or rejects with is answered: a `HandshakeError` with its status, anything else
 * with 500 and a process warning. Requests to upgrade to anything but WebSocket stay plain requests.
 *
 * Without a `server` there is none until `attach`. Throws `UsageError` `WS_INVALID_OPTION`.
 */
export function routeUpgrades<In = string | Buffer, Out = string | Uint8Array>(
  server: UpgradeServer | undefined,
  dispatch: Dispatch,
  { owns, ...options }: RouteUpgradesOptions<In, Out> = {},
): Sockets {
  if (owns !== undefined && typeof owns !== 'function') {
    throw invalidOption('owns', 'a function', owns);
  }
  const route = { owns, dispatch, answersRest: true, upgradeOnly: false };
  const sockets = new Sockets(route, resolveOptions(options));
  if (server !== undefined) sockets.attach(server);
  return sockets;
}

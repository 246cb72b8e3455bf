import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocketServer } from './web-socket-server.ts';
import { webSocketUrl } from './web-socket-url.ts';

/** An upgrade on its way through an application that `expressWs` was called with. */
export interface Upgrade {
  readonly server: WebSocketServer;
  /** Whether a handler has failed: what Express answers then is meant. */
  failed: boolean;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

type Application = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Hands an upgrade to `app`, so that it passes the middleware and matches the routes of `app.ws` only. */
export function dispatchUpgrade(
  app: Application,
  server: WebSocketServer,
): (request: IncomingMessage, response: ServerResponse) => unknown {
  return (request, response) => {
    const url = request.url ?? '/';
    upgrades.set(request, { server, failed: false });
    // Express leaves it as it is: so the log has what the client asked for.
    Object.assign(request, { originalUrl: url, url: webSocketUrl(url) });
    return app(request, response);
  };
}

export function upgradeOf(request: IncomingMessage): Upgrade | undefined {
  return upgrades.get(request);
}

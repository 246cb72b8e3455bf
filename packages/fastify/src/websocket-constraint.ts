import type { IncomingMessage } from 'node:http';
import { pendingUpgrade } from '@heddle/node';
import type { FastifyInstance, RouteOptions } from 'fastify';

type Constraints = NonNullable<RouteOptions['constraints']>;

/**
 * The router's constraint that tells upgrades from other requests: a route that has it matches
 * upgrades only, and, as it must match, upgrades match no other route.
 */
export const websocketConstraint: Parameters<FastifyInstance['addConstraintStrategy']>[0] = {
  name: 'websocket',
  storage: () => new Map(),
  deriveConstraint: (request) => pendingUpgrade(request) !== undefined || undefined,
  mustMatchWhenDerived: true,
};

/** `constraints`, and that the route is for upgrades. */
export function forUpgrades(constraints?: Constraints): Constraints {
  return { ...constraints, [websocketConstraint.name]: true };
}

/**
 * Whether an upgrade with the target and the header fields of `request` would match a WebSocket
 * route. Constraints that the application made itself are not known here, nor is its `rewriteUrl`.
 */
export function matchesWebSocketRoute(fastify: FastifyInstance, request: IncomingMessage): boolean {
  const { url = '/', headers } = request;
  const constraints = forUpgrades({ host: headers.host ?? '' });
  if (fastify.hasConstraintStrategy('version')) {
    Object.assign(constraints, { version: headers['accept-version'] });
  }
  return isWellFormed(url) && Boolean(fastify.findRoute({ method: 'GET', url, constraints }));
}

/** For a malformed path the router finds a route as well: the one that answers 400. */
function isWellFormed(url: string): boolean {
  try {
    decodeURI(url.split('?', 1).join());
    return true;
  } catch {
    return false;
  }
}

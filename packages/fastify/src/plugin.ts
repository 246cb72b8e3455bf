import {
  type AnyConnection,
  inject,
  pendingUpgrade,
  type RouteUpgradesOptions,
  routeUpgrades,
  type ServerOptions,
  UsageError,
  upgradeRequired,
} from '@heddle/node';
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyRequest,
  onRequestHookHandler,
} from 'fastify';
import { unbound } from './choices.ts';
import { matchesWebSocketRoute, websocketConstraint } from './websocket-constraint.ts';
import type {
  ConnectionChoices,
  WebSocketHandler,
  WebSocketRouteOptions,
} from './websocket-route.ts';
import { translateRoutes } from './websocket-routes.ts';
import { WebSocketServer } from './websocket-server.ts';
import { withWsSocket } from './with-ws-socket.ts';

/** What `app.register(websocket, options)` takes: the defaults of all routes, and the server's own. */
export interface WebSocketPluginOptions
  extends Omit<ConnectionChoices<AnyConnection, FastifyRequest>, 'limits'>,
    Pick<ServerOptions, 'limits' | 'handshakeTimeoutMs'> {
  /**
   * Whether an upgrade is for this application. Asked only while others listen for the server's
   * upgrades too, as Vite does: what is not ours is left to them.
   * @default whether a WebSocket route matches
   */
  readonly owns?: RouteUpgradesOptions['owns'];
}

/** The plugin, which has itself under the names by which CommonJS code may look for it. */
export interface WebSocketPlugin extends FastifyPluginAsync<WebSocketPluginOptions> {
  readonly default: FastifyPluginAsync<WebSocketPluginOptions>;
  readonly websocket: FastifyPluginAsync<WebSocketPluginOptions>;
  readonly withWsSocket: typeof withWsSocket;
}

const NAME = '@heddle/fastify';

const register: FastifyPluginAsync<WebSocketPluginOptions> = async (fastify, options) => {
  assertRegistrable(fastify);
  const { owns = (request) => matchesWebSocketRoute(fastify, request), ...choices } = options;
  const sockets = routeUpgrades(
    fastify.server,
    (request, response) => fastify.routing(request, response),
    { ...unbound(choices), owns },
  );
  const websocketServer = new WebSocketServer(sockets);

  fastify.addConstraintStrategy(websocketConstraint);
  fastify.addHook('onRoute', translateRoutes({ websocketServer, choices }));
  fastify.addHook('onRequest', requireUpgrade);
  fastify.addHook('preClose', async () => {
    await sockets.close({ timeoutMs: sockets.options.closingTimeoutMs });
  });
  decorate(fastify, websocketServer);
};

function decorate(fastify: FastifyInstance, websocketServer: WebSocketServer): void {
  fastify.decorateRequest('ws', {
    getter() {
      return pendingUpgrade(this.raw) !== undefined;
    },
  });
  fastify.decorate('websocketServer', websocketServer);
  fastify.decorate('ws', declareWebSocket);
  fastify.decorate('injectWS', async function (path, options = {}) {
    await this.ready();
    return inject(this.server, path, options);
  });
}

function declareWebSocket(
  this: FastifyInstance,
  url: string,
  ...declared:
    | [handler: WebSocketHandler]
    | [options: WebSocketRouteOptions, handler: WebSocketHandler]
): FastifyInstance {
  const [options, handler] = declared.length === 1 ? [{}, declared[0]] : declared;
  return this.route({
    ...options,
    method: 'GET',
    url,
    handler,
    websocket: true,
    exposeHeadRoute: false,
  });
}

/** Answers 426 to a request for a page where there is only a WebSocket. */
const requireUpgrade: onRequestHookHandler = function (request, reply, done) {
  const asksForPage = request.is404 && (request.method === 'GET' || request.method === 'HEAD');
  if (!asksForPage || request.ws || !matchesWebSocketRoute(this, request.raw)) {
    done();
    return;
  }
  // Not all error handlers send the header fields of an error.
  const error = upgradeRequired(request.raw);
  reply.headers(error.headers);
  done(error);
};

function assertRegistrable(fastify: FastifyInstance): void {
  if (fastify.hasConstraintStrategy(websocketConstraint.name)) {
    throw new UsageError('WS_INVALID_REGISTRATION', `${NAME} is registered on this server already`);
  }
  // A WebSocket route declared before would call its handler with a request and a reply.
  if (HAS_GET_ROUTE.test(fastify.printRoutes())) {
    throw new UsageError(
      'WS_INVALID_REGISTRATION',
      `${NAME} must be registered before any route is declared`,
    );
  }
}

/** The methods of a route, as `printRoutes` shows them. */
const HAS_GET_ROUTE = /\((?:[A-Z]+, )*GET\b/;

const plugin = Object.assign(register, {
  // What fastify-plugin would set: hooks and decorators are for the whole instance.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: NAME,
  [Symbol.for('plugin-meta')]: { name: NAME, fastify: '5.x' },
});

/**
 * The plugin: `await app.register(websocket, options)`, before any route is declared. From then on
 * there are `app.ws()`, `{ websocket: true }` and `wsHandler` routes, `app.injectWS()` and
 * `app.websocketServer`; `app.close()` closes every connection with 1001.
 *
 * Rejects with `UsageError`: `WS_INVALID_OPTION` for an option that is unknown or out of its range,
 * `WS_INVALID_REGISTRATION` where it is registered twice or too late.
 */
export const websocket: WebSocketPlugin = Object.assign(plugin, {
  // For `require`: see index.ts.
  default: plugin,
  websocket: plugin,
  withWsSocket,
});

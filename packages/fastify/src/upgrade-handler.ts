import { type Connection, HandshakeError, pendingUpgrade, resolveOptions } from '@heddle/node';
import type {
  FastifyInstance,
  onErrorHookHandler,
  RouteHandlerMethod,
  RouteOptions,
} from 'fastify';
import { bound, type Choices, requests } from './choices.ts';
import { MessageSchemas } from './message-schemas.ts';
import type { WebSocketHandler } from './websocket-route.ts';
import type { WebSocketServer } from './websocket-server.ts';

/** What all WebSocket routes of a server share. */
export interface Upgrades {
  readonly websocketServer: WebSocketServer;
  /** The plugin's options. */
  readonly choices: Choices;
}

/** A WebSocket route of `instance`, as it was declared. */
export interface Declaration {
  readonly instance: FastifyInstance;
  readonly route: RouteOptions;
  readonly choices: Choices;
  readonly handler: WebSocketHandler;
}

/**
 * The handler of the ordinary route that a WebSocket route becomes. It answers 101 as any handler
 * answers; when that response has gone out, the declared handler gets the connection.
 *
 * Throws `UsageError` `WS_INVALID_OPTION`.
 */
export function upgradeHandler(upgrades: Upgrades, declared: Declaration): RouteHandlerMethod {
  const { websocketServer } = upgrades;
  const { instance, route, handler } = declared;
  const schemas = new MessageSchemas(route);
  schemas.compileWhenReady(instance);
  const choices = bound({ ...upgrades.choices, ...declared.choices }, websocketServer);
  const options = resolveOptions(
    { ...choices, schema: schemas.option },
    websocketServer.sockets.options,
  );

  return (request, reply) => {
    const pending = pendingUpgrade(request.raw);
    if (pending === undefined) throw new HandshakeError('WS_HANDSHAKE_UPGRADE');
    requests.remember(request.raw, request);
    schemas.compileFor(request);
    const opened = (socket: Connection) => {
      websocketServer.emit('connection', socket, request.raw);
      return handler.call(instance, socket, request);
    };
    // What the browser asked a proxy for, and who it is, where Fastify trusts that (`trustProxy`).
    pending.accept(options, opened, { host: request.host, address: request.ip });
    // Not `reply.code`, which would fix the status for the answer to an error of an `onSend` hook, too.
    reply.raw.statusCode = 101;
    reply.send();
  };
}

/** The `onError` hook of these routes: an error behind the handler must not leave as a 101. */
export const refuseOnError: onErrorHookHandler = (_request, reply, _error, done) => {
  if (reply.raw.statusCode === 101) reply.raw.statusCode = 500;
  done();
};

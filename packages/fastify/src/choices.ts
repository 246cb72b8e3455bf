import {
  type AnyConnection,
  FrameworkRequests,
  optionNames,
  type ServerOptions,
} from '@heddle/node';
import type { FastifyRequest } from 'fastify';
import type { ConnectionChoices } from './websocket-route.ts';
import type { WebSocketServer } from './websocket-server.ts';

/** Options of the plugin or of a route: node's, but their functions take Fastify's request. */
export type Choices = ConnectionChoices<AnyConnection, FastifyRequest>;

/** Has the functions among the choices find Fastify's request. */
export const requests = new FrameworkRequests<FastifyRequest>();

type NodeOptions = ServerOptions<unknown, unknown>;

/** Those of a route's options that are for its connections. */
export function pickChoices(route: object): Choices {
  const names = optionNames.filter(
    (name) => name !== 'schema' && Reflect.get(route, name) !== undefined,
  );
  return Object.fromEntries(names.map((name) => [name, Reflect.get(route, name)]));
}

/** `choices` for node to check. Nobody may call the functions among them. */
export function unbound(choices: Choices): NodeOptions {
  return choices as object;
}

/**
 * `choices` with functions that node can call, and what stands in for those that are not there.
 * Throws `UsageError` `WS_INVALID_OPTION`.
 */
export function bound(choices: Choices, server: WebSocketServer): NodeOptions {
  const chooseSubprotocol: Choices['subprotocols'] = (offered, { raw }) =>
    server.chooseSubprotocol(offered, raw);
  const { subprotocols = chooseSubprotocol, onError = logError } = choices;
  return requests.bind({ ...choices, subprotocols, onError });
}

function logError(error: unknown, _socket: AnyConnection, request: FastifyRequest): void {
  request.log.error({ err: error }, 'the WebSocket handler failed');
}

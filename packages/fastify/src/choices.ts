import type { IncomingMessage } from 'node:http';
import { type AnyConnection, optionNames, type ServerOptions } from '@heddle/node';
import type { FastifyRequest } from 'fastify';
import type { ConnectionChoices } from './websocket-route.ts';
import type { WebSocketServer } from './websocket-server.ts';

/** Options of the plugin or of a route: node's, but their functions take Fastify's request. */
export type Choices = ConnectionChoices<AnyConnection, FastifyRequest>;

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

/** `choices` with functions that node can call, and what stands in for those that are not there. */
export function bound(choices: Choices, server: WebSocketServer): NodeOptions {
  const { subprotocols, onError = logError, onInvalidMessage } = choices;
  return {
    ...unbound(choices),
    subprotocols:
      typeof subprotocols === 'function'
        ? (offered, raw) => subprotocols(offered, requestOf(raw))
        : (subprotocols ?? ((offered, raw) => server.chooseSubprotocol(offered, raw))),
    onError: (error, socket, raw) => onError(error, socket, requestOf(raw)),
    ...(onInvalidMessage !== undefined && {
      onInvalidMessage: (error, socket) =>
        onInvalidMessage(error, socket, requestOf(socket.request)),
    }),
  };
}

/** Fastify's requests by Node's, which is all that node knows. */
const requests = new WeakMap<IncomingMessage, FastifyRequest>();

/** Has the functions among the choices find `request`. */
export function rememberRequest(request: FastifyRequest): void {
  requests.set(request.raw, request);
}

function requestOf(raw: IncomingMessage | undefined): FastifyRequest {
  const request = raw && requests.get(raw);
  if (request === undefined) throw new Error('This request did not come through a WebSocket route');
  return request;
}

function logError(error: unknown, _socket: AnyConnection, request: FastifyRequest): void {
  request.log.error({ err: error }, 'the WebSocket handler failed');
}

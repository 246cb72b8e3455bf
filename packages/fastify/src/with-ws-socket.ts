import { WsSocket } from '@heddle/node';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocketHandler } from './websocket-route.ts';

/**
 * Gives `handler` a socket of the kind that `ws` makes, in place of the connection: for what was
 * written for @fastify/websocket, as the handlers of graphql-ws and tRPC are. `Socket` is the type
 * by which the handler knows it; what is there is documented at `WsSocket`.
 */
export function withWsSocket<Socket>(
  handler: (this: FastifyInstance, socket: Socket, request: FastifyRequest) => unknown,
): WebSocketHandler {
  return function (connection, request) {
    return handler.call(this, new WsSocket(connection, 8) as Socket, request);
  };
}

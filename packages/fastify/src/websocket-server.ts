import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AnyConnection, Sockets } from '@heddle/node';

interface WebSocketServerEvents {
  /** A route's handler is about to be called. */
  connection: [socket: AnyConnection, request: IncomingMessage];
  /** The server has closed, and all connections are gone. */
  close: [];
  /** Never emitted: each connection has its own errors. Helpers listen for it all the same. */
  error: [error: Error];
}

/**
 * `app.websocketServer`: every connection of the server, under the names by which helpers written
 * for @fastify/websocket look for them.
 */
export class WebSocketServer extends EventEmitter<WebSocketServerEvents> {
  /** The rest: `stats()`, `close()`, `closed`. */
  readonly sockets: Sockets;
  /** May be written to. */
  readonly options: {
    /**
     * Chooses a subprotocol, `false` for none, on the routes for which neither their options nor the
     * plugin's say anything about `subprotocols`.
     */
    handleProtocols?: (protocols: Set<string>, request: IncomingMessage) => string | false;
  } = {};

  constructor(sockets: Sockets) {
    super();
    this.sockets = sockets;
    sockets.closed.then(() => this.emit('close'));
  }

  get clients(): ReadonlySet<AnyConnection> {
    return this.sockets.connections;
  }

  /** What `options.handleProtocols` chooses from what a client offers. */
  chooseSubprotocol(offered: readonly string[], request: IncomingMessage): string | undefined {
    return this.options.handleProtocols?.(new Set(offered), request) || undefined;
  }
}

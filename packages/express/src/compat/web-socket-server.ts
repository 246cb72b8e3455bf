import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Connection, type Sockets, WsSocket } from '@heddle/node';

interface WebSocketServerEvents {
  /** A WebSocket is open, and its handlers are about to be called. */
  connection: [socket: WsSocket, request: IncomingMessage];
  /** `close` is done, and all connections are gone. */
  close: [];
  /** Never emitted: each connection has its own errors. */
  error: [error: Error];
}

/** `getWss()`: all WebSockets of an `expressWs`, under the names that `ws` has for them. */
export class WebSocketServer extends EventEmitter<WebSocketServerEvents> {
  readonly clients: Set<WsSocket> = new Set();
  readonly #sockets: () => Sockets;

  constructor(sockets: () => Sockets) {
    super();
    this.#sockets = sockets;
  }

  /** The rest: `stats()`, `attach(server)`, `closed`. */
  get sockets(): Sockets {
    return this.#sockets();
  }

  /** Closes every WebSocket with 1001, after 5 s by force, and calls back. */
  close(callback?: () => void): void {
    this.sockets.close().then(() => {
      callback?.();
      this.emit('close');
    });
  }

  /** The socket that the handlers get, which is the one in `clients`. */
  add(connection: Connection, request: IncomingMessage): WsSocket {
    const socket = new WsSocket(connection, 7);
    this.clients.add(socket);
    connection.once('close', () => this.clients.delete(socket));
    Object.assign(request, { ws: socket });
    this.emit('connection', socket, request);
    return socket;
  }
}

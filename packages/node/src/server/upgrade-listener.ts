import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isWebSocketUpgrade } from '@heddle/core';
import { serverRefusals } from './http-refusal.ts';
import { Http2Upgrade } from './http2-upgrade.ts';
import { IncomingUpgrade, responseOn } from './incoming-upgrade.ts';
import { serveAsPlainRequest } from './plain-request.ts';
import { decideUpgrades } from './upgrade-decision.ts';
import { upgradeRequired } from './upgrade-required.ts';
import { type UpgradeRoute, UpgradeRoutes } from './upgrade-routes.ts';
import { speaksHttp2, type UpgradeServer } from './upgrade-server.ts';

const listeners = new WeakMap<UpgradeServer, UpgradeListener>();

/**
 * The one `'upgrade'` listener on a server, and for HTTP/2 the one `'connect'` listener, shared by all
 * that upgrade there: so a request that is nobody's can be told from one that a listener of another
 * library may want.
 */
export class UpgradeListener {
  readonly #server: UpgradeServer;
  readonly #routes = new UpgradeRoutes();
  #stopDeciding = (): void => {};

  private constructor(server: UpgradeServer) {
    this.#server = server;
  }

  static of(server: UpgradeServer): UpgradeListener {
    const listener = listeners.get(server) ?? new UpgradeListener(server);
    listeners.set(server, listener);
    return listener;
  }

  add(route: UpgradeRoute): void {
    if (this.#routes.empty) this.#listen();
    this.#routes.add(route);
    this.#listenToRequests();
  }

  remove(route: UpgradeRoute): void {
    this.#routes.remove(route);
    this.#listenToRequests();
    if (!this.#routes.empty) return;
    this.#server.off('upgrade', this.#onUpgrade);
    this.#server.off('connect', this.#onConnect);
    this.#stopDeciding();
  }

  #listen(): void {
    const server = this.#server;
    server.on('upgrade', this.#onUpgrade);
    // Other listeners may take upgrades to other protocols; without them nobody does.
    this.#stopDeciding = decideUpgrades(
      server,
      ({ headers }) => isWebSocketUpgrade(headers) || !this.#alone('upgrade'),
    );
    if (!speaksHttp2(server)) return;
    // RFC 8441 §3: without it "a client MUST NOT send" an extended CONNECT.
    server.updateSettings({ enableConnectProtocol: true });
    server.on('connect', this.#onConnect);
  }

  #listenToRequests(): void {
    const server = this.#server;
    server.off('request', this.#onRequest);
    // A server for HTTP/2 emits 'connect' only once somebody listens for its requests.
    const needed = this.#routes.upgradeOnly || (speaksHttp2(server) && !this.#routes.empty);
    if (needed) server.on('request', this.#onRequest);
  }

  /** Whether nobody else can answer what comes with `event`. */
  #alone(event: 'upgrade' | 'connect' | 'request'): boolean {
    return this.#server.listenerCount(event) === 1;
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // First of all: an error without a listener would end the process.
    const upgrade = new IncomingUpgrade(request, socket, head);
    const response = responseOn(socket);
    // Another listener answers it.
    if (response?.req === request) return;
    if (response !== undefined) {
      // An earlier request of the connection is still being answered: its answer goes first.
      response.once('close', () => {
        upgrade.release();
        this.#onUpgrade(request, socket, head);
      });
    } else if (!socket.readable) {
      socket.destroy();
    } else if (isWebSocketUpgrade(request.headers)) {
      this.#routes.hand(upgrade, this.#alone('upgrade'));
    } else if (this.#alone('upgrade')) {
      if (socket instanceof Socket) serveAsPlainRequest(this.#server, upgrade);
      else upgrade.refuse(serverRefusals.notWebSocket);
    }
  };

  readonly #onConnect = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    const { stream, headers } = request;
    // Another listener answers it.
    if (stream.headersSent || stream.destroyed) return;
    const protocol = headers[':protocol'];
    if (protocol === 'websocket') {
      this.#routes.hand(new Http2Upgrade(request), this.#alone('connect'));
    } else if (this.#alone('connect')) {
      // RFC 9110 §9.3.6: CONNECT itself is for proxies. A protocol that is not known here may be
      // one elsewhere: RFC 9220 §3 has such requests answered with 501.
      response.writeHead(protocol === undefined ? 405 : 501).end();
    }
  };

  /** Answers plain requests where nobody else does: they are for a path that only upgrades. */
  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (!this.#alone('request')) return;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    if (this.#routes.onlyUpgrades(request)) {
      const { status, headers, message } = upgradeRequired(request);
      response.writeHead(status, headers).end(`${message}\n`);
    } else {
      response.writeHead(404).end('There is nothing here\n');
    }
  };
}

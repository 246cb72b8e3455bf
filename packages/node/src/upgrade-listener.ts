import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isWebSocketUpgrade } from '@heddle/core';
import { asError } from './as-error.ts';
import { serverRefusals } from './http-refusal.ts';
import { IncomingUpgrade, responseOn } from './incoming-upgrade.ts';
import { serveAsPlainRequest } from './plain-request.ts';
import { decideUpgrades } from './upgrade-decision.ts';

/** What one `Sockets` does for a server. */
export interface UpgradeRoute {
  /** Whether a request is this route's, whoever else listens; `undefined` where that cannot be told. */
  readonly owns: ((request: IncomingMessage) => boolean) | undefined;
  /** Whether it also answers what is not its own, where nobody else would. */
  readonly answersRest: boolean;
  /** Whether its plain requests have no other answer than 426. */
  readonly upgradeOnly: boolean;
  /** With `certain` the request is the route's; else it may turn out to be another listener's. */
  take(upgrade: IncomingUpgrade, certain: boolean): void;
}

const listeners = new WeakMap<Server, UpgradeListener>();

/**
 * The one `'upgrade'` listener on a server, shared by all that upgrade there: so a request that is
 * nobody's can be told from one that a listener of another library may want.
 */
export class UpgradeListener {
  readonly #server: Server;
  readonly #routes = new Set<UpgradeRoute>();
  #stopDeciding = (): void => {};

  private constructor(server: Server) {
    this.#server = server;
  }

  static of(server: Server): UpgradeListener {
    const listener = listeners.get(server) ?? new UpgradeListener(server);
    listeners.set(server, listener);
    return listener;
  }

  add(route: UpgradeRoute): void {
    this.#routes.add(route);
    const server = this.#server;
    if (!server.listeners('upgrade').includes(this.#onUpgrade)) {
      server.on('upgrade', this.#onUpgrade);
      // Other listeners may take upgrades to other protocols; without them nobody does.
      this.#stopDeciding = decideUpgrades(
        server,
        ({ headers }) => isWebSocketUpgrade(headers) || !this.#alone,
      );
    }
    if (route.upgradeOnly && !server.listeners('request').includes(this.#onRequest)) {
      server.on('request', this.#onRequest);
    }
  }

  remove(route: UpgradeRoute): void {
    this.#routes.delete(route);
    const routes = [...this.#routes];
    if (!routes.some(({ upgradeOnly }) => upgradeOnly))
      this.#server.off('request', this.#onRequest);
    if (routes.length > 0) return;
    this.#server.off('upgrade', this.#onUpgrade);
    this.#stopDeciding();
  }

  /** Whether nobody else can answer an upgrade. */
  get #alone(): boolean {
    return this.#server.listenerCount('upgrade') === 1;
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
      this.#route(upgrade);
    } else if (this.#alone) {
      if (socket instanceof Socket) serveAsPlainRequest(this.#server, upgrade);
      else upgrade.refuse(serverRefusals.notWebSocket);
    }
  };

  #route(upgrade: IncomingUpgrade): void {
    const routes = [...this.#routes];
    const owner = this.#ownerOf(upgrade, routes);
    if (owner === 'unknown') return;
    if (owner !== undefined) {
      owner.take(upgrade, true);
      return;
    }
    const rest = routes.find(({ answersRest }) => answersRest);
    if (this.#alone) {
      if (rest === undefined) upgrade.refuse(serverRefusals.notFound);
      else rest.take(upgrade, true);
    } else if (rest !== undefined && rest.owns === undefined) {
      // The others first: one that wants the socket takes it now, most of the time.
      setImmediate(() => {
        if (!upgrade.taken) rest.take(upgrade, false);
      });
    }
  }

  #ownerOf(
    upgrade: IncomingUpgrade,
    routes: readonly UpgradeRoute[],
  ): UpgradeRoute | undefined | 'unknown' {
    try {
      return routes.find(({ owns }) => owns?.(upgrade.request) === true);
    } catch (error) {
      // The application's function; a client chose what it was called with.
      process.emitWarning(asError(error));
      upgrade.refuse(serverRefusals.applicationFailed);
      return 'unknown';
    }
  }

  /** Answers plain requests where nobody else does: they are for a path that only upgrades. */
  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.#server.listenerCount('request') > 1) return;
    const upgradeOnly = [...this.#routes].some(
      (route) => route.upgradeOnly && route.owns?.(request) !== false,
    );
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    if (upgradeOnly) {
      // RFC 9110 §15.5.22: "The server MUST send an Upgrade header field in a 426".
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade' });
      response.end('There is only a WebSocket here\n');
    } else {
      response.writeHead(404);
      response.end('There is nothing here\n');
    }
  };
}

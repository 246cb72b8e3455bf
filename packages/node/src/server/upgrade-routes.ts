import type { IncomingMessage } from 'node:http';
import { asError } from '../as-error.ts';
import { serverRefusals } from './http-refusal.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';

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

/** All that upgrade on one server, and whose an upgrade is. */
export class UpgradeRoutes {
  readonly #routes = new Set<UpgradeRoute>();

  get empty(): boolean {
    return this.#routes.size === 0;
  }

  /** Whether there is one whose plain requests have no other answer than 426. */
  get upgradeOnly(): boolean {
    return [...this.#routes].some(({ upgradeOnly }) => upgradeOnly);
  }

  add(route: UpgradeRoute): void {
    this.#routes.add(route);
  }

  remove(route: UpgradeRoute): void {
    this.#routes.delete(route);
  }

  /** Whether a plain request is for a path that only upgrades. */
  onlyUpgrades(request: IncomingMessage): boolean {
    return [...this.#routes].some((route) => route.upgradeOnly && route.owns?.(request) !== false);
  }

  /** Gives a WebSocket handshake to whose it is; `alone` says that no other listener can answer it. */
  hand(upgrade: IncomingUpgrade, alone: boolean): void {
    const routes = [...this.#routes];
    const owner = this.#ownerOf(upgrade, routes);
    if (owner === 'unknown') return;
    if (owner !== undefined) {
      owner.take(upgrade, true);
      return;
    }
    const rest = routes.find(({ answersRest }) => answersRest);
    if (alone) {
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
}

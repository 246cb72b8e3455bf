import { CloseCode, type Opening } from '@heddle/core';
import type { AnyConnection } from '../connection/connection.ts';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import { acceptAtOnce, type ConnectionHandler } from './accept-at-once.ts';
import { type CloseOptions, resolveCloseOptions } from './close-options.ts';
import { type HttpRefusal, serverRefusals } from './http-refusal.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';
import { readRequest } from './read-request.ts';
import type { SocketsStats } from './sockets-stats.ts';
import { UpgradeAttempt } from './upgrade-attempt.ts';
import type { Dispatch, UpgradeHost, UpgradeOutcome } from './upgrade-host.ts';
import { UpgradeListener } from './upgrade-listener.ts';
import type { UpgradeRoute } from './upgrade-routes.ts';
import type { UpgradeServer } from './upgrade-server.ts';

/** Which requests are for these sockets, and who answers them: an application, or all are accepted. */
export type SocketsRoute = Omit<UpgradeRoute, 'take'> &
  ({ readonly dispatch: Dispatch } | { readonly accept: ConnectionHandler });

/** The WebSockets of one or several servers: all of an application's, or those of one path. */
export class Sockets {
  /** What routes that say nothing else have. */
  readonly options: ResolvedOptions;
  readonly #answer: (upgrade: IncomingUpgrade, opening: Opening, certain: boolean) => void;
  readonly #route: UpgradeRoute;
  readonly #servers = new Set<UpgradeServer>();
  readonly #connections = new Set<AnyConnection>();
  /** What listens to the signal of a connection's route. */
  readonly #signalled = new WeakMap<AnyConnection, () => void>();
  readonly #attempts = new Set<UpgradeAttempt>();
  /** Each route's options are read once. */
  readonly #resolved = new WeakMap<object, ResolvedOptions>();
  readonly #closed = new Deferred<void>();
  readonly #host: UpgradeHost;
  readonly #outcomes: Record<UpgradeOutcome, number> = {
    opened: 0,
    refused: 0,
    abandoned: 0,
    left: 0,
  };
  #closing: Required<CloseOptions> | undefined;
  #deadline: NodeJS.Timeout | undefined;

  /** Made by `routeUpgrades` and `acceptWebSockets`. */
  constructor(route: SocketsRoute, options: ResolvedOptions) {
    this.options = options;
    this.#answer =
      'accept' in route
        ? (upgrade, opening) => this.#accept(upgrade, opening, route.accept)
        : (upgrade, opening, certain) => this.#dispatch(upgrade, opening, certain, route.dispatch);
    this.#route = { ...route, take: (upgrade, certain) => this.#take(upgrade, certain) };
    this.#host = {
      options,
      unavailable: () => this.#unavailable,
      resolve: (given) => this.#resolve(given),
      opened: (connection, resolved) => this.#opened(connection, resolved),
      closed: (connection, resolved) => this.#connectionClosed(connection, resolved),
      settled: (attempt, outcome) => this.#settled(attempt, outcome),
    };
    const { signal } = options;
    if (signal?.aborted) this.#closeBySignal();
    else signal?.addEventListener('abort', this.#closeBySignal, { once: true });
  }

  /** The connections that are open or closing, in the order in which they opened. */
  get connections(): ReadonlySet<AnyConnection> {
    return this.#connections;
  }

  /** Resolves when a `close` is done; never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  stats(): SocketsStats {
    const { opened, refused, abandoned } = this.#outcomes;
    let bufferedBytes = 0;
    for (const connection of this.#connections) bufferedBytes += connection.bufferedBytes;
    const now = { connections: this.#connections.size, pendingUpgrades: this.#attempts.size };
    return { ...now, bufferedBytes, opened, refused, abandoned };
  }

  /**
   * Takes the upgrades of one more server, which may be listening or not. One that speaks HTTP/2 tells
   * the clients that connect from now on that they may open WebSockets over it (RFC 8441 §3).
   */
  attach(server: UpgradeServer): void {
    if (this.#servers.has(server)) return;
    this.#servers.add(server);
    UpgradeListener.of(server).add(this.#route);
  }

  /** Takes no more upgrades of `server`, or of all. What is open or under way is not touched. */
  detach(server?: UpgradeServer): void {
    for (const attached of server === undefined ? [...this.#servers] : [server]) {
      if (this.#servers.delete(attached)) UpgradeListener.of(attached).remove(this.#route);
    }
  }

  /**
   * Refuses new handshakes, and those that the application has not answered, with 503 and
   * `Retry-After`, and closes every connection: with `code` and `reason`, and by force after
   * `timeoutMs`. Resolves when all are gone. A second call only waits for the first.
   *
   * Throws `UsageError`: `WS_INVALID_CLOSE_CODE`, `WS_CLOSE_REASON_TOO_LONG`, `WS_INVALID_OPTION`.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const closing = resolveCloseOptions(options);
    if (this.#closing === undefined) this.#startClosing(closing);
    return this.closed;
  }

  /** Closes as `close()` does: `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #startClosing(closing: Required<CloseOptions>): void {
    this.#closing = closing;
    this.options.signal?.removeEventListener('abort', this.#closeBySignal);
    this.#deadline = setTimeout(() => this.#destroyAll(), closing.timeoutMs).unref();
    for (const attempt of this.#attempts) {
      // A 101 that is on its way opens a connection yet, which then closes as the others do.
      if (!attempt.answering) attempt.refuse(serverRefusals.closing);
    }
    this.#closeConnections(closing);
    this.#resolveWhenEmpty();
  }

  #closeConnections({ code, reason }: Required<CloseOptions>): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  #destroyAll(): void {
    for (const attempt of this.#attempts) attempt.abandon();
    for (const connection of this.#connections) connection.destroy();
  }

  #resolveWhenEmpty(): void {
    if (this.#closing === undefined || this.#connections.size + this.#attempts.size > 0) return;
    clearTimeout(this.#deadline);
    this.#closed.resolve();
  }

  readonly #closeBySignal = (): void => {
    this.close();
  };

  #take(upgrade: IncomingUpgrade, certain: boolean): void {
    const judged = this.#unavailable ?? readRequest(upgrade);
    if ('status' in judged) {
      // What may be another listener's is not ours to refuse.
      if (!certain) return;
      this.#outcomes.refused += 1;
      upgrade.refuse(judged);
      return;
    }
    this.#answer(upgrade, judged, certain);
  }

  #accept(upgrade: IncomingUpgrade, opening: Opening, handler: ConnectionHandler): void {
    this.#ended(acceptAtOnce(upgrade, opening, this.#host, handler));
  }

  #dispatch(
    upgrade: IncomingUpgrade,
    opening: Opening,
    certain: boolean,
    dispatch: Dispatch,
  ): void {
    const attempt = new UpgradeAttempt(upgrade, opening, this.#host, !certain);
    this.#attempts.add(attempt);
    attempt.dispatch(dispatch);
  }

  get #unavailable(): HttpRefusal | undefined {
    if (this.#closing !== undefined) return serverRefusals.closing;
    // A handshake under way may become a connection: it has its place already.
    const taken = this.#connections.size + this.#attempts.size;
    return taken >= this.options.limits.maxConnections ? serverRefusals.full : undefined;
  }

  #resolve(given: object): ResolvedOptions {
    const resolved = this.#resolved.get(given) ?? resolveOptions(given, this.options);
    this.#resolved.set(given, resolved);
    return resolved;
  }

  #opened(connection: AnyConnection, { signal }: ResolvedOptions): void {
    this.#connections.add(connection);
    // The server's own signal closes everything at once.
    if (signal === undefined || signal === this.options.signal) return;
    const closeBySignal = (): void => {
      connection.close(CloseCode.GoingAway);
    };
    if (signal.aborted) process.nextTick(closeBySignal);
    else signal.addEventListener('abort', closeBySignal, { once: true });
    this.#signalled.set(connection, closeBySignal);
  }

  #connectionClosed(connection: AnyConnection, { signal }: ResolvedOptions): void {
    const closeBySignal = this.#signalled.get(connection);
    if (closeBySignal !== undefined) signal?.removeEventListener('abort', closeBySignal);
    this.#connections.delete(connection);
    this.#resolveWhenEmpty();
  }

  #settled(attempt: UpgradeAttempt, outcome: UpgradeOutcome): void {
    this.#attempts.delete(attempt);
    this.#ended(outcome);
  }

  #ended(outcome: UpgradeOutcome): void {
    this.#outcomes[outcome] += 1;
    if (this.#closing !== undefined) this.#closeConnections(this.#closing);
    this.#resolveWhenEmpty();
  }
}

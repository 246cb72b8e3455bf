import type { IncomingMessage } from 'node:http';
import { CloseCode, HandshakeError, type Opening } from '@heddle/core';
import { type AnyConnection, closeAfterStream, recount } from '../connection/connection.ts';
import type { LimitName } from '../connection/limit-name.ts';
import { Deferred } from '../deferred.ts';
import { publish } from '../diagnostics.ts';
import type { ResolvedOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import { acceptAtOnce, type ConnectionHandler } from './accept-at-once.ts';
import { AddressPlaces, type Leave } from './address-places.ts';
import { type CloseOptions, resolveCloseOptions } from './close-options.ts';
import { GradualClose } from './gradual-close.ts';
import { type HttpRefusal, serverRefusals } from './http-refusal.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';
import { readRequest } from './read-request.ts';
import { ServerBudget } from './server-budget.ts';
import type { SocketsStats } from './sockets-stats.ts';
import { Tally } from './tally.ts';
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
  readonly #tally = new Tally();
  readonly #budget: ServerBudget;
  readonly #places: AddressPlaces;
  /** Gives back a connection's place among those of its client. */
  readonly #leaves = new WeakMap<AnyConnection, Leave>();
  #gradualClose: GradualClose<AnyConnection> | undefined;
  #closing: Required<CloseOptions> | undefined;
  #deadline: NodeJS.Timeout | undefined;

  /** Made by `routeUpgrades` and `acceptWebSockets`. */
  constructor(route: SocketsRoute, options: ResolvedOptions) {
    this.options = options;
    this.#answer =
      'accept' in route
        ? (upgrade, opening) => this.#accept(upgrade, opening, route.accept)
        : (upgrade, opening, certain) => this.#dispatch(upgrade, opening, certain, route.dispatch);
    const { maxServerRetainedBytes, maxConnectionsPerAddress } = options.limits;
    this.#budget = new ServerBudget(maxServerRetainedBytes, this.#connections);
    this.#places = new AddressPlaces(maxConnectionsPerAddress);
    this.#route = { ...route, take: (upgrade, certain) => this.#take(upgrade, certain) };
    this.#host = {
      options,
      unavailable: () => this.#unavailable,
      resolve: (given) => this.#resolve(given),
      admit: (request, address) => this.#admit(request, address),
      opened: (connection, resolved, leave) => this.#opened(connection, resolved, leave),
      closed: (connection, resolved) => this.#connectionClosed(connection, resolved),
      limited: (limit) => this.#limited(limit),
      held: (change) => this.#budget.change(change),
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
    const { opened, refused, abandoned } = this.#tally.outcomes;
    let bufferedBytes = 0;
    for (const connection of this.#connections) {
      bufferedBytes += connection.bufferedBytes;
      recount(connection);
    }
    const now = { connections: this.#connections.size, pendingUpgrades: this.#attempts.size };
    const bytes = { bufferedBytes, retainedBytes: this.#budget.bytes };
    return { ...now, ...bytes, opened, refused, abandoned, limited: { ...this.#tally.limited } };
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
   * `Retry-After`, and closes every connection: with `code` and `reason`, evenly over `spreadMs`, and by
   * force `timeoutMs` later. What is being sent or read as a stream may come to its end first. Resolves
   * when all are gone. A second call only waits for the first.
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
    this.#deadline = setTimeout(
      () => this.#destroyAll(),
      closing.spreadMs + closing.timeoutMs,
    ).unref();
    for (const attempt of this.#attempts) {
      // A 101 that is on its way opens a connection yet, which then closes as the others do.
      if (!attempt.answering) attempt.refuse(serverRefusals.closing);
    }
    this.#gradualClose = new GradualClose(this.#connections, closing.spreadMs, (connection) => {
      closeAfterStream(connection, closing.code, closing.reason);
    });
    this.#resolveWhenEmpty();
  }

  #destroyAll(): void {
    for (const attempt of this.#attempts) attempt.abandon();
    for (const connection of this.#connections) connection.destroy();
  }

  #resolveWhenEmpty(): void {
    if (this.#closing === undefined || this.#connections.size + this.#attempts.size > 0) return;
    clearTimeout(this.#deadline);
    this.#gradualClose?.stop();
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
      this.#tally.outcomes.refused += 1;
      if (judged.limit !== undefined) this.#limited(judged.limit);
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
    const { maxConnections, maxPendingUpgrades } = this.options.limits;
    if (taken >= maxConnections) return serverRefusals.full;
    if (this.#attempts.size >= maxPendingUpgrades) return serverRefusals.busy;
    return this.#budget.full ? serverRefusals.outOfMemory : undefined;
  }

  #resolve(given: object): ResolvedOptions {
    const resolved = this.#resolved.get(given) ?? resolveOptions(given, this.options);
    this.#resolved.set(given, resolved);
    return resolved;
  }

  #admit(request: IncomingMessage, address: string | undefined): Leave {
    const leave = this.#places.take(address);
    if (leave !== undefined) return leave;
    const limit = 'maxConnectionsPerAddress';
    this.#limited(limit);
    publish('heddle:limit', { limit, action: 'refuse', socket: undefined, request });
    throw new HandshakeError(
      'WS_HANDSHAKE_ADDRESS',
      `${address} has its ${this.options.limits[limit]}`,
    );
  }

  #limited(limit: LimitName): void {
    this.#tally.limited[limit] += 1;
  }

  #opened(connection: AnyConnection, { signal }: ResolvedOptions, leave: Leave): void {
    this.#connections.add(connection);
    if (this.#places.limited) this.#leaves.set(connection, leave);
    const closing = this.#closing;
    // Its 101 was on its way when the others were closed.
    if (closing !== undefined) {
      process.nextTick(() => closeAfterStream(connection, closing.code, closing.reason));
    }
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
    this.#leaves.get(connection)?.();
    this.#resolveWhenEmpty();
  }

  #settled(attempt: UpgradeAttempt, outcome: UpgradeOutcome): void {
    this.#attempts.delete(attempt);
    this.#ended(outcome);
  }

  #ended(outcome: UpgradeOutcome): void {
    this.#tally.outcomes[outcome] += 1;
    this.#resolveWhenEmpty();
  }
}

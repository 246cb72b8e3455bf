import type { ServerResponse } from 'node:http';
import { ClosedError, HandshakeError, type Opening } from '@heddle/core';
import { callApplication } from '../application-call.ts';
import { asError } from '../as-error.ts';
import { type AnyConnection, type Connection, runHandler } from '../connection/connection.ts';
import { publish } from '../diagnostics.ts';
import type { ResolvedOptions, UpgradeOptions } from '../options.ts';
import { type Acceptance, acceptOpening, openUpgraded } from './acceptance.ts';
import { type HttpRefusal, refusalFor, serverRefusals } from './http-refusal.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';
import {
  AnsweredUpgrade,
  acceptedBefore,
  type Forwarded,
  markPendingUpgrade,
  type PendingUpgrade,
} from './pending-upgrade.ts';
import type { Dispatch, UpgradeHost, UpgradeOutcome } from './upgrade-host.ts';
import { makeUpgradeResponse } from './upgrade-response.ts';
import { closeResponse, discardResponse } from './void-socket.ts';

/**
 * One valid handshake on its way through the application:
 *
 *     pending    the application has the request; `accept` stages a connection
 *     answering  the response has begun, and its status decides; 101 needs what was staged
 *     settled    the response has left, and the socket is a connection's, or closes; or the client
 *                left, or the deadline passed, or another listener has the socket
 */
export class UpgradeAttempt implements PendingUpgrade {
  readonly opening: Opening;
  readonly #upgrade: IncomingUpgrade;
  readonly #host: UpgradeHost;
  /** Until the connection is open: the request, which a connection keeps, keeps this too. */
  #response: ServerResponse | undefined;
  /** Made when somebody asks for its signal. */
  #abort: AbortController | undefined;
  /** Why the signal has aborted. */
  #aborted: { readonly reason: unknown } | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** Whether another listener may want the socket: it is not touched before the response begins. */
  #tentative: boolean;
  #acceptance: Acceptance | undefined;
  /** The response's, once it begins. */
  #status: number | undefined;
  #settled = false;

  /** With `tentative` a request that turns out not to be the application's is left to others. */
  constructor(upgrade: IncomingUpgrade, opening: Opening, host: UpgradeHost, tentative: boolean) {
    this.opening = opening;
    this.#upgrade = upgrade;
    this.#host = host;
    this.#tentative = tentative;
    // No function here may see it as a variable: they would keep it for each other.
    this.#response = makeUpgradeResponse(upgrade.request, (status) => this.#begins(status));
    this.#response.once('finish', () => this.#finished());
    this.#deadline = setTimeout(() => this.#expired(), host.options.handshakeTimeoutMs).unref();
    upgrade.claim(() => this.#clientGone());
    if (!tentative) upgrade.carry(this.#response);
    markPendingUpgrade(upgrade.request, this);
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#aborted !== undefined) this.#abort.abort(this.#aborted.reason);
    return this.#abort.signal;
  }

  /** Whether the response has begun. */
  get answering(): boolean {
    return this.#response?.headersSent ?? true;
  }

  /** Hands the request to the application. What that throws is answered here. */
  dispatch(dispatch: Dispatch): void {
    const response = this.#response;
    if (response === undefined) return;
    void callApplication(
      () => dispatch(this.#upgrade.request, response),
      (error) => this.#failed(error),
    );
  }

  accept<In, Out>(
    options: UpgradeOptions<In, Out> | ResolvedOptions,
    handler: (socket: Connection<In, Out>) => unknown,
    forwarded: Forwarded = {},
  ): void {
    if (this.#acceptance !== undefined || this.answering) {
      throw acceptedBefore();
    }
    const resolved = this.#host.resolve(options);
    const { request } = this.#upgrade;
    const { host, address = request.socket.remoteAddress } = forwarded;
    const terms = acceptOpening(this.opening, resolved, request, host);
    this.#acceptance = {
      ...terms,
      leave: this.#host.admit(request, address),
      // The messages are what `options.schema` makes of them: the types come from there.
      handler: handler as (connection: AnyConnection) => unknown,
    };
  }

  /** Answers in place of the application. What the application still sends goes nowhere. */
  refuse(refusal: HttpRefusal): void {
    if (this.#settled) return;
    if (this.#tentative && this.#upgrade.taken) this.#leave();
    // Half of another answer has left.
    else if (this.answering) this.abandon();
    else {
      this.#settle('refused');
      this.#abortBecause(new ClosedError());
      this.#discard('now');
      this.#upgrade.refuse(refusal);
      if (refusal.limit !== undefined) this.#host.limited(refusal.limit);
    }
  }

  /** The response is about to begin; returns the handshake's header fields for a 101. */
  #begins(status: number): Readonly<Record<string, string>> | undefined {
    if (this.#settled) return undefined;
    if (this.#tentative && !this.#isOurs(status)) {
      this.#leave();
      return undefined;
    }
    if (status === 101 && this.#acceptance === undefined) {
      this.refuse(serverRefusals.notAccepted);
      return undefined;
    }
    if (this.#upgrade.isAcceptedBy(status)) {
      // A page, which would be taken for the acceptance.
      this.refuse(serverRefusals.notFound);
      return undefined;
    }
    this.#status = status;
    if (this.#tentative && this.#response !== undefined) this.#upgrade.carry(this.#response);
    this.#tentative = false;
    return this.#acceptance?.fields;
  }

  /**
   * Whether the request of a server with other listeners is the application's: if a route accepted
   * it, and if it is refused. That the application knows no such resource, or has a page for it, is
   * no refusal: the WebSocket may be another listener's.
   */
  #isOurs(status: number): boolean {
    if (this.#upgrade.taken) return false;
    if (this.#acceptance !== undefined) return true;
    return status >= 400 && status !== 404 && status !== 405;
  }

  #finished(): void {
    if (this.#settled) return;
    if (this.#response !== undefined) closeResponse(this.#response);
    if (this.#status !== 101) {
      this.#settle('refused');
      const { request } = this.#upgrade;
      publish('heddle:upgrade:refused', { request, status: this.#status ?? 0, reason: undefined });
      this.#upgrade.closeAfterAnswer();
    } else {
      this.#open();
    }
  }

  #open(): void {
    const acceptance = this.#acceptance;
    const connection = acceptance && openUpgraded(this.#upgrade, acceptance, this.#host);
    if (acceptance === undefined || connection === undefined) {
      this.abandon();
      return;
    }
    this.#host.opened(connection, acceptance.options, acceptance.leave);
    runHandler(connection, () => acceptance.handler(connection));
    this.#settle('opened');
    this.#response = undefined;
    this.#acceptance = undefined;
    markPendingUpgrade(this.#upgrade.request, new AnsweredUpgrade(this.opening));
  }

  #failed(error: unknown): void {
    if (error instanceof HandshakeError) {
      this.refuse(refusalFor(error));
      return;
    }
    process.emitWarning(asError(error));
    if (this.#response?.writableEnded === false) this.refuse(serverRefusals.applicationFailed);
  }

  #expired(): void {
    const { handshakeTimeoutMs } = this.#host.options;
    this.#abortBecause(
      new DOMException(`No answer after ${handshakeTimeoutMs} ms`, 'TimeoutError'),
    );
    this.refuse(serverRefusals.deadline);
  }

  #clientGone(): void {
    if (this.#tentative && this.#upgrade.taken && !this.#upgrade.socket.destroyed) {
      this.#leave();
      return;
    }
    // A client that has only ended its half can still read an answer that has begun.
    if (!this.answering || this.#upgrade.socket.destroyed) this.abandon();
  }

  /** As Node does to a request whose client leaves: the request aborts, and the response closes. */
  abandon(): void {
    if (this.#settled) return;
    this.#settle('abandoned');
    this.#abortBecause(new ClosedError());
    this.#upgrade.socket.destroy();
    this.#upgrade.request.destroy();
    this.#discard('now');
  }

  #leave(): void {
    if (this.#settled) return;
    this.#settle('left');
    this.#upgrade.unclaim();
    this.#discard('when finished');
  }

  #abortBecause(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#abort?.abort(reason);
  }

  #discard(clientLeaves: 'now' | 'when finished'): void {
    if (this.#response !== undefined) discardResponse(this.#response, clientLeaves);
  }

  #settle(outcome: UpgradeOutcome): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#settled = true;
    if (outcome !== 'opened') this.#acceptance?.leave();
    this.#host.settled(this, outcome);
  }
}

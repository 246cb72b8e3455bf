import type { IncomingMessage } from 'node:http';
import { type Opening, UsageError } from '@heddle/core';
import type { Connection } from '../connection/connection.ts';
import type { ResolvedOptions, UpgradeOptions } from '../options.ts';

/** What a proxy says of a request, where the framework trusts it; else what the request says itself. */
export interface Forwarded {
  /** The host that the browser asked for: the rule of the same origin is about it. */
  readonly host?: string | undefined;
  /** The client's: `limits.maxConnectionsPerAddress` is about it. */
  readonly address?: string | undefined;
}

/** A valid WebSocket handshake that has not been answered yet. */
export interface PendingUpgrade {
  /** What the client sent: key, host, origin, and what it offers. */
  readonly opening: Opening;
  /** Aborts when the client leaves, or the deadline passes, before the answer. */
  readonly signal: AbortSignal;
  /**
   * Makes this request a WebSocket's, on the terms of `options`, which are the route's over those of
   * the server and are read once for each object. Nothing is sent: when the response is, with status
   * 101, it carries the handshake, and when it has left, `handler` is called with the open
   * connection. With another status the handshake is refused, and `handler` never called.
   *
   * Throws `HandshakeError`, which is for the framework to answer: its `status` is 403 for
   * `WS_HANDSHAKE_ORIGIN`, and 503 for `WS_HANDSHAKE_ADDRESS`. Throws `UsageError`: `WS_NOT_AN_UPGRADE` if the request has been accepted or answered,
   * `WS_INVALID_OPTION`.
   */
  accept<In = string | Buffer, Out = string | Uint8Array>(
    options: UpgradeOptions<In, Out> | ResolvedOptions,
    handler: (socket: Connection<In, Out>) => unknown,
    forwarded?: Forwarded,
  ): void;
}

/** What is left of a handshake once its connection is open, which keeps its request and with it this. */
export class AnsweredUpgrade implements PendingUpgrade {
  readonly opening: Opening;
  #signal: AbortSignal | undefined;

  constructor(opening: Opening) {
    this.opening = opening;
  }

  /** One of its own, which never aborts: a shared one would keep what each connection has listen to it. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController().signal;
    return this.#signal;
  }

  accept(): void {
    throw acceptedBefore();
  }
}

export function acceptedBefore(): UsageError {
  return new UsageError('WS_NOT_AN_UPGRADE', 'it has been accepted, or answered, before');
}

const pendingUpgradeKey = Symbol('heddle.pendingUpgrade');

/** The handshake that `request` is; `undefined` for every other request. */
export function pendingUpgrade(request: IncomingMessage): PendingUpgrade | undefined {
  return Reflect.get(request, pendingUpgradeKey) as PendingUpgrade | undefined;
}

/** Has `pendingUpgrade` find `pending`. Loggers that print requests do not see it. */
export function markPendingUpgrade(request: IncomingMessage, pending: PendingUpgrade): void {
  const property = { value: pending, configurable: true, writable: true };
  Object.defineProperty(request, pendingUpgradeKey, property);
}

import type { IncomingMessage } from 'node:http';
import type { ProtocolError } from '@heddle/core';
import type { AnyConnection } from '../connection/connection.ts';
import type { AnyOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';

/**
 * The options that are called with a request, in the form that a framework's users write them: with
 * the framework's own request, or context, in place of Node's.
 */
export interface RequestFunctions<Request, Socket = AnyConnection> {
  /**
   * The subprotocols that the server speaks, best first, or a function that chooses one of those
   * offered. Without a common one the connection has none (§4.2.2).
   */
  readonly subprotocols?:
    | readonly string[]
    | ((offered: readonly string[], request: Request) => string | undefined);
  /**
   * Takes what a handler or listener throws or rejects with; the connection then closes with 1011. A
   * `ClosedError` once the connection has ended is no mistake, and goes nowhere.
   */
  readonly onError?: (error: unknown, socket: Socket, request: Request) => void;
  /**
   * Takes a message that `schema.message` refuses, in place of closing with 1008 (1003 if it is
   * binary). The connection stays open unless this closes it.
   */
  readonly onInvalidMessage?: (error: ProtocolError, socket: Socket, request: Request) => void;
}

/** Options with a framework's own request, for messages of any type. */
export type FrameworkOptions<Request> = Omit<AnyOptions, keyof RequestFunctions<Request>> &
  RequestFunctions<Request>;

/** A framework's requests by Node's, which is all that is known here. */
export class FrameworkRequests<Request extends object> {
  readonly #requests = new WeakMap<IncomingMessage, Request>();

  /** Has the functions among the options be called with `request`; due before `accept`. */
  remember(raw: IncomingMessage, request: Request): void {
    this.#requests.set(raw, request);
  }

  /** `options` with functions that can be called here. Throws `UsageError` `WS_INVALID_OPTION`. */
  bind(options: FrameworkOptions<Request>): AnyOptions {
    const given = options as object;
    // Checked as they were written: in a function of ours anything would pass for a function.
    resolveOptions(given);
    const { subprotocols, onError, onInvalidMessage } = options;
    return {
      ...given,
      ...(typeof subprotocols === 'function' && {
        subprotocols: (offered, raw) => subprotocols(offered, this.#find(raw)),
      }),
      ...(onError !== undefined && {
        onError: (error, socket, raw) => onError(error, socket, this.#find(raw)),
      }),
      ...(onInvalidMessage !== undefined && {
        onInvalidMessage: (error, socket) =>
          onInvalidMessage(error, socket, this.#find(socket.request)),
      }),
    };
  }

  #find(raw: IncomingMessage | undefined): Request {
    const request = raw && this.#requests.get(raw);
    if (request === undefined) {
      throw new Error('This request did not come through a WebSocket route');
    }
    return request;
  }
}

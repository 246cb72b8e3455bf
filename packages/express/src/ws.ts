import { type Connection, pendingUpgrade, type UpgradeOptions, UsageError } from '@heddle/node';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { requests, type WebSocketRouteOptions } from './options.ts';
import { requestedHost } from './requested-host.ts';
import { requireUpgrade } from './upgrade-required.ts';

// As Express' own types have them where nobody says otherwise.
type Params = Request['params'];
type Query = Request['query'];
type Body = Request['body'];
type AnyLocals = Response['locals'];

/** The request of a route whose path has the parameters `P`. */
export type WebSocketRequest<P = Params, Locals extends object = AnyLocals> = Request<
  P,
  Body,
  Body,
  Query,
  Locals
>;

/** Takes the open connection. What it throws or rejects with goes to `onError`. */
export type WebSocketHandler<
  P = Params,
  Locals extends object = AnyLocals,
  In = string | Buffer,
  Out = string | Uint8Array,
> = (
  socket: Connection<In, Out>,
  request: WebSocketRequest<P, Locals>,
  /** Has been sent: it is here for its `locals`. */
  response: Response<Body, Locals>,
) => unknown;

/**
 * A WebSocket route, as an ordinary handler: `app.get('/chat/:room', requireLogin, ws(handler))`. It
 * answers an upgrade with 101, and `handler` gets the connection when that answer has left, with the
 * headers and cookies that the middleware before it has set. What the handshake breaks goes to
 * `next(error)`: `HandshakeError` `WS_HANDSHAKE_ORIGIN`, a 403.
 *
 * A plain GET goes on to the next handler; where none answers it gets 426 in place of Express' 404.
 *
 * Throws `UsageError`: `WS_INVALID_OPTION`, `WS_INVALID_ROUTE` if `handler` is no function.
 */
export function ws<
  P = Params,
  Locals extends object = AnyLocals,
  In = string | Buffer,
  Out = string | Uint8Array,
>(
  handler: WebSocketHandler<P, Locals, In, Out>,
  options: WebSocketRouteOptions<In, Out, WebSocketRequest<P, Locals>> = {},
): RequestHandler<P, Body, Body, Query, Locals> {
  if (typeof handler !== 'function') {
    throw new UsageError('WS_INVALID_ROUTE', `ws needs a function, not ${typeof handler}`);
  }
  // The messages are what `options.schema` makes of them: the types come from there.
  const bound = requests.bind(options as object) as UpgradeOptions<In, Out>;

  return (request, response, next) => {
    const pending = pendingUpgrade(request);
    if (pending === undefined) {
      requireUpgrade(request, response);
      next();
      return;
    }
    answer(response, next, () => {
      requests.remember(request, request as object as Request);
      const opened = (socket: Connection<In, Out>) => handler(socket, request, response);
      pending.accept(bound, opened, { host: requestedHost(request), address: request.ip });
      response.status(101).end();
    });
  };
}

/** What fails here, in `accept` or in what other middleware does as the response leaves, is no 101. */
function answer(response: Response, next: NextFunction, accept: () => void): void {
  try {
    accept();
  } catch (error) {
    if (response.statusCode === 101) response.statusCode = 500;
    next(error);
  }
}

import {
  type Connection,
  pendingUpgrade,
  type RequestFunctions,
  type UpgradeOptions,
  UsageError,
} from '@heddle/node';
import type Koa from 'koa';
import { contexts, type UpgradeContext } from './upgrade-context.ts';
import { requireUpgrade } from './upgrade-required.ts';

/** What `ws(handler, options)` takes. What it leaves out comes from the options of `websocket`. */
export type WebSocketRouteOptions<
  In = string | Buffer,
  Out = string | Uint8Array,
  Context = Koa.Context,
> = Omit<UpgradeOptions<In, Out>, keyof RequestFunctions<Context>> &
  RequestFunctions<Context, Connection<In, Out>>;

/** Takes the open connection. What it throws or rejects with goes to `onError`. */
export type WebSocketHandler<
  In = string | Buffer,
  Out = string | Uint8Array,
  Context = Koa.Context,
> = (socket: Connection<In, Out>, ctx: Context) => unknown;

/** Middleware for any application and any route, whatever the types of its state and context are. */
export type WebSocketMiddleware = <Context extends UpgradeContext>(
  ctx: Context,
  next: Koa.Next,
) => Promise<void>;

/**
 * Middleware that makes a WebSocket of an upgrade: for `app.use`, and for any route of a router. It
 * answers 101 as other middleware answers, before the middleware around it goes on; once the response
 * has left, `handler` is called with the open connection. A plain GET goes on to the next middleware,
 * and is answered 426 if there is none that answers.
 *
 * What the context is, is for the handler to say, as nothing here can check it: `RouteContext`.
 *
 * Throws `UsageError`, `WS_INVALID_OPTION` or `WS_INVALID_ROUTE`. The middleware throws
 * `HandshakeError` with status 403 for an origin that may not connect.
 */
export function ws<
  In = string | Buffer,
  Out = string | Uint8Array,
  Context extends object = Koa.Context,
>(
  handler: WebSocketHandler<In, Out, Context>,
  options: WebSocketRouteOptions<In, Out, Context> = {},
): WebSocketMiddleware {
  if (typeof handler !== 'function') {
    throw new UsageError('WS_INVALID_ROUTE', 'the handler of ws(handler, options) is no function');
  }
  const bound = contexts.bind(options as object);

  return async (ctx, next) => {
    const pending = pendingUpgrade(ctx.req);
    if (pending === undefined) return requireUpgrade(ctx, next);
    contexts.remember(ctx.req, ctx);
    const opened = (socket: Connection<In, Out>) => handler(socket, ctx as object as Context);
    // What the browser asked a proxy for, and who it is, where Koa trusts that (`app.proxy`).
    pending.accept(bound as UpgradeOptions<In, Out>, opened, {
      host: ctx.host,
      address: ctx.ip,
    });
    // On Node's response: a status of Koa's own would stay with a body that somebody sets later, as
    // one does who has caught an error. So whoever answers after this answers in place of the 101.
    ctx.res.statusCode = 101;
  };
}

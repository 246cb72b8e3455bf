import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import {
  type AnyConnection,
  attachOnListen,
  type ListeningApplication,
  type RequestFunctions,
  type RouteUpgradesOptions,
  routeUpgrades,
  type Sockets,
} from '@heddle/node';
import type Koa from 'koa';
import { contexts, type UpgradeContext } from './upgrade-context.ts';

/** The part of a Koa application that is used here. Koa 2 and Koa 3 have it alike. */
export interface KoaApplication extends ListeningApplication {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** What `websocket(app, options)` takes: the defaults of all routes, and the server's own. */
export interface WebSocketOptions
  extends Omit<
      RouteUpgradesOptions<unknown, unknown>,
      'schema' | keyof RequestFunctions<Koa.Context>
    >,
    RequestFunctions<Koa.Context> {
  /**
   * Takes what a handler or listener throws or rejects with; the connection then closes with 1011.
   * @default app.emit('error', error, ctx)
   */
  readonly onError?: (error: unknown, socket: AnyConnection, ctx: Koa.Context) => void;
}

/**
 * Has `app` take the upgrades of every server that `app.listen` makes, and of those that the returned
 * `sockets` are attached to: each runs through the middleware as a GET does, to where `ws` accepts it.
 *
 * Throws `UsageError` `WS_INVALID_OPTION` for an option that is unknown or out of its range.
 */
export function websocket(app: KoaApplication, options: WebSocketOptions = {}): Sockets {
  const { owns, onError = emitError, ...choices } = options;
  const bound = contexts.bind({ ...choices, onError } as object);
  let callback: ReturnType<KoaApplication['callback']> | undefined;
  const dispatch = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Not before the first upgrade: an application that has no 'error' listener yet is given Koa's.
    callback ??= app.callback();
    return callback(request, response);
  };
  const sockets = routeUpgrades(undefined, dispatch, {
    ...bound,
    ...(owns !== undefined && { owns }),
  });
  attachOnListen(app, sockets);
  return sockets;
}

/** As Koa does with what middleware throws. Its listeners are used to errors. */
function emitError(error: unknown, _socket: AnyConnection, ctx: UpgradeContext): void {
  const emitted = error instanceof Error ? error : new Error(`non-error thrown: ${inspect(error)}`);
  ctx.app.emit('error', emitted, ctx);
}

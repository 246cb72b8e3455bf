import {
  attachOnListen,
  type Dispatch,
  routeUpgrades,
  type Sockets,
  UsageError,
} from '@heddle/node';
import type { Application, RequestHandler } from 'express';
import { requests, type WebSocketOptions } from './options.ts';

/** What `app.use` takes: requests pass straight through it. */
export interface MountableWebSockets extends RequestHandler {
  /** The WebSockets of the application that this is mounted on. */
  readonly sockets: Sockets;
}

/**
 * Has `app` take the upgrades of every server that `app.listen` makes from now on, and of those that
 * the returned `sockets` are attached to: each runs through the middleware as a GET does, to where
 * `ws` accepts it. `options` are the defaults of all routes.
 *
 * Throws `UsageError`: `WS_INVALID_OPTION`, and `WS_INVALID_REGISTRATION` if `app` has WebSockets.
 */
export function websocket(app: Application, options?: WebSocketOptions): Sockets;
/** The same for the application that it is mounted on, once: `app.use(websocket())`. */
export function websocket(options?: WebSocketOptions): MountableWebSockets;
export function websocket(
  target: Application | WebSocketOptions = {},
  options: WebSocketOptions = {},
): Sockets | MountableWebSockets {
  if (typeof target !== 'function') return mountable(target);
  const sockets = socketsOf((request, response) => target(request, response), options);
  wire(target, sockets);
  return sockets;
}

/** The WebSockets of whatever `dispatch` hands the requests to. */
export function socketsOf(dispatch: Dispatch, { owns, ...choices }: WebSocketOptions): Sockets {
  const options = { ...requests.bind(choices), ...(owns !== undefined && { owns }) };
  return routeUpgrades(undefined, dispatch, options);
}

const wired = new WeakSet<Application>();

function wire(app: Application, sockets: Sockets): void {
  if (wired.has(app)) throw misplaced('this application has WebSockets already');
  wired.add(app);
  attachOnListen(app, sockets);
}

/**
 * To Express this is an application to be mounted, as it has `handle` and `set`: so Express says, by
 * the public `'mount'` event, on which application it is.
 */
function mountable(options: WebSocketOptions): MountableWebSockets {
  let parent: Application | undefined;
  const sockets = socketsOf((request, response) => {
    if (parent === undefined) throw misplaced('websocket() is not mounted: app.use(websocket())');
    return parent(request, response);
  }, options);
  const pass: RequestHandler = (_request, _response, next) => next();
  return Object.assign(pass, {
    sockets,
    handle: pass,
    set: () => pass,
    emit(_mount: string, app: Application): void {
      if (parent !== undefined) throw misplaced('websocket() can be mounted once');
      wire(app, sockets);
      parent = app;
    },
  });
}

function misplaced(detail: string): UsageError {
  return new UsageError('WS_INVALID_REGISTRATION', detail);
}

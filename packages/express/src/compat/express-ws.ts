import { attachOnListen, type UpgradeServer } from '@heddle/node';
import type { Application as ExpressApplication } from 'express';
import type { WebSocketOptions } from '../options.ts';
import { socketsOf } from '../websocket.ts';
import { dispatchUpgrade } from './upgrade.ts';
import { WebSocketServer } from './web-socket-server.ts';
import { type Application, addWsMethod, type RouterLike } from './ws-method.ts';
import { fromWsOptions, type WsOptions } from './ws-options.ts';

/** The options of express-ws, and all of `websocket` but `subprotocols`, for which it has a word. */
export interface Options extends Omit<WebSocketOptions, 'subprotocols'> {
  /** Whether routers get `ws` by `applyTo` only, and Express' own prototype is left alone. */
  readonly leaveRouterUntouched?: boolean;
  readonly wsOptions?: WsOptions;
}

/** What `expressWs` returns. */
export interface Instance {
  readonly app: Application;
  readonly getWss: () => WebSocketServer;
  readonly applyTo: (router: RouterLike) => void;
}

/**
 * Gives `app` its `ws`, and every router unless `leaveRouterUntouched`. The WebSockets are those of
 * `server`, or else of what `app.listen` makes.
 */
export type ExpressWs = (
  app: ExpressApplication,
  server?: UpgradeServer | null,
  options?: Options,
) => Instance;

/** `expressWs` for one copy of Express, of which it needs the prototype of routers. */
export function expressWsFor(Router: RouterCopy): ExpressWs {
  return (app, server, options = {}) => {
    const { leaveRouterUntouched = false, wsOptions, ...choices } = options;
    const translated = fromWsOptions({ wsOptions }, choices.limits);
    const wss: WebSocketServer = new WebSocketServer(() => sockets);
    const dispatch = dispatchUpgrade((request, response) => app(request, response), wss);
    const sockets = socketsOf(dispatch, { ...choices, ...translated });
    if (server === undefined || server === null) attachOnListen(app, sockets);
    else sockets.attach(server);
    addWsMethod(app);
    if (!leaveRouterUntouched) addWsMethod(prototypeOf(Router));
    return { app: app as Application, getWss: () => wss, applyTo: addWsMethod };
  };
}

/** Express' `Router`: a class in Express 5; in Express 4 it is itself what routers inherit from. */
export type RouterCopy = object & { readonly prototype?: unknown };

function prototypeOf(Router: RouterCopy): RouterLike {
  return ('get' in Router ? Router : Router.prototype) as RouterLike;
}

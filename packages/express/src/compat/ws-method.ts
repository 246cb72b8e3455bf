import type { WsSocket } from '@heddle/node';
import type { Application as ExpressApplication, Router as ExpressRouter } from 'express';
import { type WebsocketRequestHandler, webSocketRoute } from './web-socket-route.ts';
import { webSocketPath } from './web-socket-url.ts';

/** `app.ws` and `router.ws`. `Socket` is the type by which the handlers know theirs. */
export type WebsocketMethod<T> = <Socket = WsSocket>(
  route: string,
  ...middlewares: WebsocketRequestHandler<Socket>[]
) => T;

export interface WithWebsocketMethod {
  ws: WebsocketMethod<this>;
}

export type Application = ExpressApplication & WithWebsocketMethod;
export type Router = ExpressRouter & WithWebsocketMethod;

/** What `ws` can be added to: whatever has routes. */
export interface RouterLike {
  // biome-ignore lint/suspicious/noExplicitAny: as broad as the overloads of Express' two major versions.
  get(path: string, ...handlers: any[]): unknown;
}

/** Adds `ws`, unless `target` has something of that name. */
export function addWsMethod(target: RouterLike): void {
  if ('ws' in target && target.ws !== undefined && target.ws !== null) return;
  Object.assign(target, {
    ws(this: RouterLike, route: unknown, ...middlewares: WebsocketRequestHandler[]): RouterLike {
      this.get(webSocketPath(route), webSocketRoute(middlewares));
      return this;
    },
  });
}

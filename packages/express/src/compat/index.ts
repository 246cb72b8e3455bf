import express from 'express';
import * as api from './express-ws.ts';
import type * as route from './web-socket-route.ts';
import type * as method from './ws-method.ts';

declare module 'express' {
  // So that a router has `ws` where it is made, as @types/express-ws has it.
  export function Router(options?: import('express').RouterOptions): method.Router;
}

/** What express-ws exports, for the Express that is installed beside this package. */
const expressWs: api.ExpressWs = api.expressWsFor(express.Router);

declare namespace expressWs {
  type Application = method.Application;
  type Router = method.Router;
  type RouterLike = method.RouterLike;
  type WithWebsocketMethod = method.WithWebsocketMethod;
  type WebsocketMethod<T> = method.WebsocketMethod<T>;
  type WebsocketRequestHandler = route.WebsocketRequestHandler;
  type Options = api.Options;
  type Instance = api.Instance;
}

export type { WsSocket } from '@heddle/node';
export type { Instance, Options } from './express-ws.ts';
export type { WebsocketRequestHandler } from './web-socket-route.ts';
export type { WebSocketServer } from './web-socket-server.ts';
export type { Application, Router, WebsocketMethod, WithWebsocketMethod } from './ws-method.ts';
export type { WsOptions } from './ws-options.ts';
export {
  expressWs,
  expressWs as default,
  // What `require` returns: the export of this name hides all others from it.
  expressWs as 'module.exports',
};

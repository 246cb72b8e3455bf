export { type Connection, type InjectOptions, inject, type Sockets } from '@heddle/node';
export type { PathParameters, RouteContext } from './route-context.ts';
export type { UpgradeContext } from './upgrade-context.ts';
export { type KoaApplication, type WebSocketOptions, websocket } from './websocket.ts';
export {
  type WebSocketHandler,
  type WebSocketMiddleware,
  type WebSocketRouteOptions,
  ws,
} from './ws.ts';

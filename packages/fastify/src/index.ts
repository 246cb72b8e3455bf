import './augmentation.ts';

export type { Connection, InjectOptions, WsSocket } from '@heddle/node';
export type { MessageOf, ReplyOf, WebSocketRouteGeneric } from './message-type.ts';
export {
  type WebSocketPlugin,
  type WebSocketPluginOptions,
  websocket,
  websocket as default,
  // What `require` returns: the export of this name hides all others from it.
  websocket as 'module.exports',
} from './plugin.ts';
export type {
  ConnectionChoices,
  WebSocketHandler,
  WebSocketRouteMethod,
  WebSocketRouteOptions,
} from './websocket-route.ts';
export type { WebSocketServer } from './websocket-server.ts';
export { withWsSocket } from './with-ws-socket.ts';

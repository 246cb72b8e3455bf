import './augmentation.ts';

export { type Connection, type InjectOptions, inject, type Sockets } from '@heddle/node';
export type { WebSocketOptions, WebSocketRouteOptions } from './options.ts';
export { type MountableWebSockets, websocket } from './websocket.ts';
export { type WebSocketHandler, type WebSocketRequest, ws } from './ws.ts';

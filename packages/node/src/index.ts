export {
  CloseCode,
  ClosedError,
  HandshakeError,
  type Message,
  type OriginRule,
  ProtocolError,
  UsageError,
  WebSocketError,
} from '@heddle/core';
export { type AcceptWebSocketsOptions, acceptWebSockets } from './accept-web-sockets.ts';
export { attachOnListen, type ListeningApplication } from './attach-on-listen.ts';
export type { CloseOptions } from './close-options.ts';
export { type ConnectOptions, connect } from './connect.ts';
export { type AnyConnection, Connection } from './connection.ts';
export type { ConnectionEvents } from './connection-events.ts';
export { connectionPair } from './connection-pair.ts';
export {
  type FrameworkOptions,
  FrameworkRequests,
  type RequestFunctions,
} from './framework-requests.ts';
export { HandshakeRefusedError } from './handshake-refused.ts';
export { type InjectOptions, inject } from './inject.ts';
export {
  InvalidMessageError,
  type MessageSchema,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
} from './message-schema.ts';
export type {
  ConnectionOptions,
  Limits,
  ResolvedOptions,
  ServerOptions,
  SlowConsumer,
  UpgradeOptions,
} from './options.ts';
export { type PendingUpgrade, pendingUpgrade } from './pending-upgrade.ts';
export { optionNames, resolveOptions } from './resolve-options.ts';
export { type RouteUpgradesOptions, routeUpgrades } from './route-upgrades.ts';
export { Sockets } from './sockets.ts';
export type { SocketsStats } from './sockets-stats.ts';
export { streamPair } from './stream-pair.ts';
export type { Dispatch } from './upgrade-host.ts';
export { upgradeRequired } from './upgrade-required.ts';
export type { UpgradeServer } from './upgrade-server.ts';
export type { CloseInfo } from './wire.ts';
export type { WsEvent, WsEventListener } from './ws-event-target.ts';
export { WsSocket, type WsVersion } from './ws-socket.ts';

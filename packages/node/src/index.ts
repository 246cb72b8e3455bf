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
export { type ConnectOptions, connect } from './client/connect.ts';
export { HandshakeRefusedError } from './client/handshake-refused.ts';
export { broadcast } from './connection/broadcast.ts';
export type { CloseInfo } from './connection/close-record.ts';
export { type AnyConnection, Connection, type SendOptions } from './connection/connection.ts';
export type { ConnectionEvents } from './connection/connection-events.ts';
export { connectionPair } from './connection/connection-pair.ts';
export type { ConsumeOptions, MessageHandler } from './connection/consume.ts';
export type { DuplexOptions } from './connection/duplex-face.ts';
export type { LimitAction, LimitName } from './connection/limit-name.ts';
export {
  InvalidMessageError,
  type MessageSchema,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
} from './connection/message-schema.ts';
export { type PreparedMessage, prepare } from './connection/prepared-message.ts';
export type { MessageSource, SendStreamOptions } from './connection/send-stream.ts';
export { streamPair } from './connection/stream-pair.ts';
export type { CollectOptions, StreamedMessage } from './connection/streamed-message.ts';
export {
  type WebSocketCloseInfo,
  WebSocketStreamError,
  type WebSocketStreamFace,
  type WebSocketStreams,
} from './connection/web-face.ts';
export type { WsEvent, WsEventListener } from './connection/ws-event-target.ts';
export { WsSocket, type WsVersion } from './connection/ws-socket.ts';
export type { Diagnostics } from './diagnostics.ts';
export { type InjectOptions, inject } from './inject.ts';
export type {
  CompressionOptions,
  ConnectionOptions,
  Limits,
  ResolvedOptions,
  ServerLimits,
  ServerOptions,
  SlowConsumer,
  UpgradeOptions,
} from './options.ts';
export { optionNames, resolveOptions } from './resolve-options.ts';
export { type AcceptWebSocketsOptions, acceptWebSockets } from './server/accept-web-sockets.ts';
export { attachOnListen, type ListeningApplication } from './server/attach-on-listen.ts';
export type { CloseOptions } from './server/close-options.ts';
export {
  type FrameworkOptions,
  FrameworkRequests,
  type RequestFunctions,
} from './server/framework-requests.ts';
export { type Forwarded, type PendingUpgrade, pendingUpgrade } from './server/pending-upgrade.ts';
export { type RouteUpgradesOptions, routeUpgrades } from './server/route-upgrades.ts';
export { Sockets } from './server/sockets.ts';
export type { SocketsStats } from './server/sockets-stats.ts';
export type { Dispatch } from './server/upgrade-host.ts';
export { upgradeRequired } from './server/upgrade-required.ts';
export type { UpgradeServer } from './server/upgrade-server.ts';

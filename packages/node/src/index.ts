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
export { type AnyConnection, Connection } from './connection.ts';
export type { ConnectionEvents } from './connection-events.ts';
export { connectionPair } from './connection-pair.ts';
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
export { optionNames, resolveOptions } from './resolve-options.ts';
export type { CloseInfo } from './wire.ts';

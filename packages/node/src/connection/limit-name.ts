import { ProtocolError, type ViolationCode } from '@heddle/core';

/** The limits that do something to a peer, by the names of their options. */
export const limitNames = [
  'bytesPerSecond',
  'closingTimeoutMs',
  'handshakeTimeoutMs',
  'heartbeat',
  'maxBufferedBytes',
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxFragments',
  'maxMessageBytes',
  'maxPendingUpgrades',
  'maxRetainedBytes',
  'maxServerRetainedBytes',
  'messagesPerSecond',
  'progressTimeoutMs',
] as const;

export type LimitName = (typeof limitNames)[number];

/** What a limit does: refuses a handshake, ends a connection, stops reading for a while, drops a message. */
export type LimitAction = 'refuse' | 'close' | 'pause' | 'drop';

const limitsByCode: Partial<Record<ViolationCode, LimitName>> = {
  WS_BYTE_RATE: 'bytesPerSecond',
  WS_CLOSING_TIMEOUT: 'closingTimeoutMs',
  WS_FRAME_STALLED: 'progressTimeoutMs',
  WS_HEARTBEAT_TIMEOUT: 'heartbeat',
  WS_MESSAGE_RATE: 'messagesPerSecond',
  WS_MESSAGE_TOO_BIG: 'maxMessageBytes',
  WS_RETAINED_TOO_MUCH: 'maxRetainedBytes',
  WS_SERVER_RETAINED_TOO_MUCH: 'maxServerRetainedBytes',
  WS_SLOW_CONSUMER: 'maxBufferedBytes',
  WS_TOO_MANY_FRAGMENTS: 'maxFragments',
};

/** The limit that ended a connection, if it was one. */
export function limitBehind(error: Error | undefined): LimitName | undefined {
  return error instanceof ProtocolError ? limitsByCode[error.code] : undefined;
}

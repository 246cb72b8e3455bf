import type { HandshakeError } from '@heddle/core';
import type { LimitName } from '../connection/limit-name.ts';
import { http } from '../node-http.ts';

/** An HTTP response that refuses an upgrade, whole and ready to be written to the socket. */
export interface HttpRefusal {
  readonly status: number;
  /** For programs: the code of an error, or a word of ours. */
  readonly reason: string;
  /** The limit behind it. */
  readonly limit?: LimitName;
  readonly headers: Readonly<Record<string, string>>;
  /** A sentence for whoever looks into the response. */
  readonly text: string;
}

/** How long a client should wait when it is this server, for now, that cannot take it. */
const RETRY_AFTER = { 'Retry-After': '5' };

/** The refusals that are not about what the client sent. */
export const serverRefusals = {
  notFound: { status: 404, reason: 'not-found', headers: {}, text: 'There is no WebSocket here' },
  notWebSocket: {
    status: 400,
    reason: 'not-websocket',
    headers: {},
    text: 'Only WebSocket is upgraded to here',
  },
  notAccepted: {
    status: 500,
    reason: 'not-accepted',
    headers: {},
    text: 'The application answered 101 without accepting the WebSocket',
  },
  applicationFailed: {
    status: 500,
    reason: 'application-failed',
    headers: {},
    text: 'Internal Server Error',
  },
  deadline: {
    status: 503,
    reason: 'deadline',
    limit: 'handshakeTimeoutMs',
    headers: RETRY_AFTER,
    text: 'The application did not answer the handshake in time',
  },
  full: {
    status: 503,
    reason: 'full',
    limit: 'maxConnections',
    headers: RETRY_AFTER,
    text: 'There are too many connections',
  },
  busy: {
    status: 503,
    reason: 'busy',
    limit: 'maxPendingUpgrades',
    headers: RETRY_AFTER,
    text: 'Too many handshakes are being answered',
  },
  outOfMemory: {
    status: 503,
    reason: 'out-of-memory',
    limit: 'maxServerRetainedBytes',
    headers: RETRY_AFTER,
    text: 'Too much is held for the connections there are',
  },
  closing: {
    status: 503,
    reason: 'closing',
    headers: RETRY_AFTER,
    text: 'The server is shutting down',
  },
} as const satisfies Record<string, HttpRefusal>;

/** The answer to a request that breaks a rule of the handshake. */
export function refusalFor({ code, status, headers, message }: HandshakeError): HttpRefusal {
  return { status, reason: code, headers, text: message };
}

/** The response in the bytes of HTTP/1.1. It says that it is the last one on its connection. */
export function formatRefusal({ status, headers, text }: HttpRefusal): Buffer {
  const body = `${text}\n`;
  const fields = {
    Date: new Date().toUTCString(),
    Connection: connectionOption('Upgrade' in headers),
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n`;
  return Buffer.from(`${start}${lines.join('')}\r\n${body}`);
}

/**
 * The `Connection` of a refusal: the connection ends with it, so it never says `keep-alive`. Where
 * there is an `Upgrade`, RFC 9110 §7.8 has it listed here.
 */
export function connectionOption(hasUpgrade: boolean): string {
  return hasUpgrade ? 'Upgrade, close' : 'close';
}

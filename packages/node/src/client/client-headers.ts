import { UsageError } from '@heddle/core';
import { http } from '../node-http.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** In the form that `http.request` takes. */
type MergedHeaders = Record<string, string | string[]>;

/** What would change what the request is, or where it ends; and all of `Sec-WebSocket-…`. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The header fields of a client's request: those of the handshake, and those of the application, which
 * replace `defaults`. Throws `UsageError` `WS_INVALID_OPTION` for one that no request can carry, or
 * that the handshake sets.
 */
export function mergeHeaders(
  handshake: MergedHeaders,
  defaults: MergedHeaders,
  given: Headers,
): MergedHeaders {
  const fields = new Map<string, readonly [name: string, value: string | string[]]>();
  for (const [name, value] of Object.entries(given)) {
    assertField(name, value);
    fields.set(name.toLowerCase(), [name, typeof value === 'string' ? value : [...value]]);
  }
  const ours: MergedHeaders = { ...defaults, ...handshake };
  for (const [name, value] of Object.entries(ours)) {
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(fields.values());
}

/**
 * The fields of a request for HTTP/2: their names in lower case (RFC 9113 §8.2), their values without
 * white space around them (§8.2.1 there), and `:authority` for `Host` (§8.3.1 there).
 */
export function streamHeaders(merged: MergedHeaders): MergedHeaders {
  return Object.fromEntries(
    Object.entries(merged).map(([name, value]) => {
      const key = name.toLowerCase();
      const trimmed = typeof value === 'string' ? value.trim() : value.map((each) => each.trim());
      return [key === 'host' ? ':authority' : key, trimmed];
    }),
  );
}

function assertField(name: string, value: string | readonly string[]): void {
  const key = name.toLowerCase();
  if (RESERVED.has(key) || key.startsWith('sec-websocket-')) {
    throw new UsageError('WS_INVALID_OPTION', `headers: ${name} is for the handshake to set`);
  }
  try {
    http.validateHeaderName(name);
    for (const each of typeof value === 'string' ? [value] : value)
      http.validateHeaderValue(name, each);
  } catch (error) {
    throw new UsageError('WS_INVALID_OPTION', `headers: ${String(error)}`);
  }
}

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { UsageError } from '@heddle/core';

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

function assertField(name: string, value: string | readonly string[]): void {
  const key = name.toLowerCase();
  if (RESERVED.has(key) || key.startsWith('sec-websocket-')) {
    throw new UsageError('WS_INVALID_OPTION', `headers: ${name} is for the handshake to set`);
  }
  try {
    validateHeaderName(name);
    for (const each of typeof value === 'string' ? [value] : value) validateHeaderValue(name, each);
  } catch (error) {
    throw new UsageError('WS_INVALID_OPTION', `headers: ${String(error)}`);
  }
}

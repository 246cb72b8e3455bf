import { isIP } from 'node:net';
import { UsageError } from '@heddle/core';

/** Where a URL leads, in the words of Node's `net`, `tls` and `http`. */
export interface ClientTarget {
  readonly secure: boolean;
  /** For `Host`: with the port, unless it is the scheme's own. */
  readonly authority: string;
  /** A name or an address; one of IPv6 has no brackets. */
  readonly host: string;
  readonly port: number;
  /** What TLS asks for (SNI) and verifies; an address is never asked for (RFC 6066 §3). */
  readonly servername: string | undefined;
  /** The resource name, §3: path and query. */
  readonly path: string;
  /** From the user name and password in the URL, RFC 7617. */
  readonly authorization: string | undefined;
}

const SECURE: ReadonlyMap<string, boolean> = new Map([
  ['ws:', false],
  ['http:', false],
  ['wss:', true],
  ['https:', true],
]);

/** Reads a WebSocket URL, §3. Throws `UsageError` `WS_INVALID_OPTION`. */
export function readUrl(given: string | URL): ClientTarget {
  // A URL object that somebody changes later must not change what follows.
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (url === undefined) throw invalid('an absolute URL', given);
  const secure = SECURE.get(url.protocol);
  if (secure === undefined) throw invalid('ws: or wss: (or http: or https:)', given);
  // §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used".
  if (url.href.includes('#')) throw invalid('without a fragment', given);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return {
    secure,
    authority: url.host,
    host,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    servername: isIP(host) === 0 ? host : undefined,
    path: url.pathname + url.search,
    authorization: readCredentials(url, given),
  };
}

function readCredentials({ username, password }: URL, given: string | URL): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    throw invalid('well-formed in its user name and password', given);
  }
}

/** The URL may hold a password, which belongs in no message. */
function invalid(form: string, given: string | URL): UsageError {
  const shown = String(given).replace(/\/\/.*@/s, '//…@');
  return new UsageError('WS_INVALID_OPTION', `the URL must be ${form}, not ${shown}`);
}

import { HandshakeError, UsageError } from '../errors.ts';
import { type Authority, parseAuthority } from './authority.ts';
import { quote } from './quotation.ts';

/**
 * Which pages may open a WebSocket here, §10.2. A browser sends cookies with the handshake of any
 * page's script and does not ask for permission first, as CORS does: only this check stops a
 * foreign page from acting as the user.
 *
 * - `'same'`: pages of the host and port that the request is for;
 * - `'*'`: every page;
 * - a list of origins, as `https://example.org` or `https://example.org:8443`;
 * - a function of the origin: only `true` lets it in, so a promise by mistake does not.
 */
export type OriginRule = 'same' | '*' | readonly string[] | ((origin: string) => boolean);

/**
 * Whether a request with this `Origin` and `Host` may proceed.
 *
 * A request without `Origin` may: browsers always send one (§4.2.1 (7)), and others can write
 * what they like (§10.1). The origin `null`, of a sandboxed or local page, and a malformed one
 * are neither the same nor in a list.
 */
export function isAllowedOrigin(
  rule: OriginRule,
  origin: string | undefined,
  host: string,
): boolean {
  if (origin === undefined || rule === '*') return true;
  if (typeof rule === 'function') return rule(origin) === true;
  const parsed = parseOrigin(origin);
  if (parsed === undefined) return false;
  if (rule === 'same') return isSameServer(parsed, parseAuthority(host));
  const normalised = formatOrigin(parsed);
  return rule.some((entry) => {
    const listed = parseOrigin(entry);
    return listed !== undefined && formatOrigin(listed) === normalised;
  });
}

/** The refusal of a request from a page that may not connect: 403, and it names both sides. */
export function refuseOrigin(origin: string | undefined, host: string): HandshakeError {
  const page = origin === undefined ? 'no Origin came' : `Origin was ${quote(origin)}`;
  return new HandshakeError('WS_HANDSHAKE_ORIGIN', `${page} and Host ${quote(host)}`);
}

/**
 * Checks a rule that our caller gives. Throws `UsageError` `WS_INVALID_OPTION`, for a list entry
 * too that no page could match, as `example.org` or `https://example.org/`.
 */
export function assertOriginRule(rule: unknown): asserts rule is OriginRule {
  if (rule === 'same' || rule === '*' || typeof rule === 'function') return;
  if (!Array.isArray(rule)) {
    throw new UsageError(
      'WS_INVALID_OPTION',
      "origins must be 'same', '*', a list of origins or a function",
    );
  }
  for (const entry of rule) {
    if (typeof entry === 'string' && parseOrigin(entry) !== undefined) continue;
    throw new UsageError(
      'WS_INVALID_OPTION',
      `origins lists ${quote(String(entry))}, which is no origin such as https://example.org`,
    );
  }
}

interface Origin extends Authority {
  /** In lower case. */
  readonly scheme: string;
}

/** A serialized origin, RFC 6454 §6.2: `scheme "://" host [ ":" port ]`. */
function parseOrigin(value: string): Origin | undefined {
  const end = value.indexOf('://');
  const scheme = value.slice(0, Math.max(end, 0)).toLowerCase();
  if (!isScheme(scheme)) return undefined;
  const authority = parseAuthority(value.slice(end + 3));
  return authority === undefined ? undefined : { scheme, ...authority };
}

/** RFC 3986 §3.1: a letter, then letters, digits, `+`, `-` and `.`. */
function isScheme(value: string): boolean {
  let allowed = 'abcdefghijklmnopqrstuvwxyz';
  for (const character of value) {
    if (!allowed.includes(character)) return false;
    allowed = 'abcdefghijklmnopqrstuvwxyz0123456789+-.';
  }
  return value !== '';
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
]);

function formatOrigin({ scheme, host, port }: Origin): string {
  return `${scheme}://${host}:${port ?? DEFAULT_PORTS.get(scheme) ?? ''}`;
}

/**
 * Host and port, not the scheme: behind a proxy that ends TLS the page's scheme is `https` and
 * ours is `http`. For the same reason 80 and 443 both count as "no port".
 */
function isSameServer(origin: Origin, server: Authority | undefined): boolean {
  if (server === undefined || origin.host !== server.host) return false;
  return portUnlessDefault(origin.port) === portUnlessDefault(server.port);
}

function portUnlessDefault(port: number | undefined): number | undefined {
  return port === 80 || port === 443 ? undefined : port;
}

/** The server that a `Host` header field or an origin names. */
export interface Authority {
  /** In lower case; an IPv6 address is in its brackets. */
  readonly host: string;
  /** 0–65535; `undefined` where none is given. */
  readonly port: number | undefined;
}

/**
 * Parses `host [ ":" port ]`, RFC 3986 §3.2 without userinfo, as it stands in a `Host` header
 * field and in a serialized origin. Returns `undefined` for anything else.
 */
export function parseAuthority(value: string): Authority | undefined {
  const end = hostEnd(value);
  const host = value.slice(0, end);
  if (!(isAddress(host) || isName(host))) return undefined;

  const rest = value.slice(end);
  // RFC 9110 §7.2: `port` may be empty, and means the default then.
  if (rest === '' || rest === ':') return { host: host.toLowerCase(), port: undefined };
  const port = parsePort(rest.slice(1));
  return port === undefined ? undefined : { host: host.toLowerCase(), port };
}

/** Where the host ends and `:` or nothing follows. */
function hostEnd(value: string): number {
  const colon = value.indexOf(':', value.startsWith('[') ? value.indexOf(']') + 1 : 0);
  return colon === -1 ? value.length : colon;
}

/** An IPv6 address in brackets. It is compared as it is written: browsers write the short form. */
function isAddress(host: string): boolean {
  const inside = host.slice(1, -1);
  if (inside === '' || !host.startsWith('[') || !host.endsWith(']')) return false;
  return consistsOf(inside, '0123456789abcdefABCDEF:.');
}

const NAME_CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%';

/**
 * A reg-name or an IPv4 address, and not empty. Stricter than RFC 3986 §3.2.2, which lets in
 * characters that no host has: a list of origins with `*.example.org` must not pass for one.
 */
function isName(host: string): boolean {
  return host !== '' && consistsOf(host, NAME_CHARACTERS);
}

function parsePort(digits: string): number | undefined {
  if (digits.length > 5 || !consistsOf(digits, '0123456789')) return undefined;
  const port = Number(digits);
  return port <= 65_535 ? port : undefined;
}

function consistsOf(value: string, characters: string): boolean {
  for (const character of value) if (!characters.includes(character)) return false;
  return true;
}

import { encodeBase64, isBase64Text } from './base64.ts';

/** The SHA-1 hash, 20 bytes, of a string that holds ASCII only. Core is given it; it has none. */
export type Sha1 = (ascii: string) => Uint8Array;

/** §1.3: a GUID "unlikely to be used by network endpoints that do not understand" WebSocket. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * The `Sec-WebSocket-Accept` that answers `key`, §4.2.2 step 5.4: the base64 of the SHA-1 of the
 * key, as the text that came and not decoded, followed by a fixed GUID.
 */
export function acceptKey(key: string, sha1: Sha1): string {
  return encodeBase64(sha1(key + GUID));
}

/**
 * Whether `value` is 16 bytes in base64, §4.2.1 (5): 22 characters and `==`.
 *
 * The last character has four bits to spare, which an encoder sets to zero (RFC 4648 §3.5). We
 * do not insist, as the server need not decode the key (§4.2.2 step 4) and the very example of
 * §4.1 (7) ends in `EC==`.
 */
export function isHandshakeKey(value: string): boolean {
  return value.length === 24 && value.endsWith('==') && isBase64Text(value.slice(0, 22));
}

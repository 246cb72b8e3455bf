import { createHash, randomBytes } from 'node:crypto';
import { concatBytes, textBytes } from './bytes.ts';

/**
 * A request to build: the fields that are left out are those of a right handshake, RFC 6455 §4.1, and
 * a field of `undefined` is not sent.
 */
export interface HandshakeDescription {
  /** @default '/' */
  readonly path?: string;
  /** @default 'GET' */
  readonly method?: string;
  /** @default 'HTTP/1.1' */
  readonly version?: string;
  /**
   * A list of values is the field several times. Names have the usual spelling: `Sec-WebSocket-Key`
   * replaces the right key, `sec-websocket-key` adds another one.
   */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /**
   * What follows the header section in the same write: a body, or the first frames of a client that
   * does not wait for the answer.
   */
  readonly followedBy?: Uint8Array;
}

/** The example of §1.3; each handshake may have the same, as nothing here depends on its secrecy. */
export const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** The fields that make a request a handshake, §4.1. */
export function handshakeHeaders(key: string = randomBytes(16).toString('base64')) {
  return {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
  };
}

/** `Sec-WebSocket-Accept` for a key, §4.2.2: worked out here, so that it can judge everybody else's. */
export function acceptFor(key: string): string {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  return createHash('sha1').update(`${key}${guid}`).digest('base64');
}

/** The bytes of a handshake to `host`. */
export function encodeHandshake(description: HandshakeDescription, host: string): Uint8Array {
  return encodeRequest({
    ...description,
    headers: { Host: host, ...handshakeHeaders(SAMPLE_KEY), ...description.headers },
  });
}

/** The bytes of a request that has these header fields and no others. */
export function encodeRequest(description: HandshakeDescription): Uint8Array {
  const { method = 'GET', path = '/', version = 'HTTP/1.1', headers = {} } = description;
  return encodeMessage(`${method} ${path} ${version}`, headers, description.followedBy);
}

/** The bytes of a request or response. */
export function encodeMessage(
  startLine: string,
  headers: Exclude<HandshakeDescription['headers'], undefined>,
  followedBy: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((single) => `${name}: ${single}`),
  );
  return concatBytes(textBytes([startLine, ...fields, '', ''].join('\r\n')), followedBy);
}

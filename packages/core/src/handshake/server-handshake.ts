import { HandshakeError, UsageError } from '../errors.ts';
import type { AcceptedOffer } from '../extensions/extension.ts';
import {
  type ExtensionOffer,
  formatExtensions,
  parseExtensions,
} from '../extensions/extension-list.ts';
import { acceptKey, isHandshakeKey, type Sha1 } from './accept-key.ts';
import { describeField, fieldList, fieldValues, type HeaderFields } from './header-fields.ts';
import { hasToken, parseTokenList } from './header-value.ts';
import { quote } from './quotation.ts';
import type { RequestRefusalCode } from './refusal.ts';

/** A request that may open a WebSocket: what the handshake reads of it. */
export interface OpeningRequest {
  readonly method: string;
  /** As `1.1`. */
  readonly httpVersion: string;
  readonly headers: HeaderFields;
}

/** What a client's opening handshake says, once it is known to keep §4.2.1. */
export interface Opening {
  /** As it came; it is 24 characters of base64. Over HTTP/2 there is none (RFC 8441 §5). */
  readonly key: string | undefined;
  /** The server as the client knows it, `example.org:8080`. Not checked beyond being there. */
  readonly host: string;
  /** As it came, malformed too: `isAllowedOrigin` judges it. Only browsers must send one. */
  readonly origin: string | undefined;
  /** In the client's order of preference, without repeats. */
  readonly subprotocols: readonly string[];
  /** In the client's order of preference. */
  readonly extensions: readonly ExtensionOffer[];
}

/** What the server has chosen of an opening. */
export interface OpeningChoice {
  readonly subprotocol?: string | undefined;
  /** From `negotiateExtensions`, in the order in which they act. */
  readonly extensions?: readonly AcceptedOffer[];
}

/** Whether a request asks for WebSocket and not, say, for `h2c`: its `Upgrade` lists it. */
export function isWebSocketUpgrade(headers: HeaderFields): boolean {
  return hasToken(fieldList(headers, 'Upgrade') ?? '', 'websocket');
}

/**
 * Reads a client's opening handshake, §4.2.1. The numbers are those of its list.
 *
 * Throws `HandshakeError`, and nothing else whatever the fields hold, with the status and header
 * fields of the response: 405 for a method other than GET, 426 for no `Upgrade` or a version
 * other than 13, 400 for the rest. The codes are those of `requestRefusals`.
 */
export function readOpening({ method, httpVersion, headers }: OpeningRequest): Opening {
  // 1. "An HTTP/1.1 or higher GET request".
  if (method !== 'GET') {
    throw new HandshakeError('WS_HANDSHAKE_METHOD', `the method was ${quote(method)}`);
  }
  if (!isHttp11OrLater(httpVersion)) {
    const came = quote(`HTTP/${httpVersion}`);
    throw new HandshakeError('WS_HANDSHAKE_HTTP_VERSION', `the request was ${came}`);
  }
  // 2. "A |Host| header field containing the server's authority".
  const [host, ...otherHosts] = fieldValues(headers, 'Host');
  if (!host || otherHosts.length > 0) throw refusal('WS_HANDSHAKE_HOST', headers, 'Host');
  // 3. "An |Upgrade| header field containing the value "websocket"".
  if (!isWebSocketUpgrade(headers)) throw refusal('WS_HANDSHAKE_UPGRADE', headers, 'Upgrade');
  // 4. "A |Connection| header field that includes the token "Upgrade"".
  if (!hasToken(fieldList(headers, 'Connection') ?? '', 'upgrade')) {
    throw refusal('WS_HANDSHAKE_CONNECTION', headers, 'Connection');
  }
  refuseBody(headers);
  // 6 before 5: what else a request of another version must hold, we do not know.
  requireVersion13(headers);
  return { key: readKey(headers), host, ...readOffer(headers) };
}

/**
 * Reads a client's opening handshake over HTTP/2: an extended CONNECT for `websocket`, RFC 8441 §4.
 * `headers` has the pseudo-header fields too. What HTTP/1.1 needs to change its protocol, and the key
 * that proves that the server has understood, are not part of it (§5 there).
 *
 * Throws `HandshakeError`, and nothing else whatever the fields hold, with the status 400.
 */
export function readConnectOpening(headers: HeaderFields): Opening {
  // RFC 8441 §4: ":authority" is what Host is elsewhere.
  const [host] = fieldValues(headers, ':authority');
  if (!host) throw refusal('WS_HANDSHAKE_HOST', headers, ':authority');
  requireVersion13(headers, 'HTTP/2');
  return { key: undefined, host, ...readOffer(headers) };
}

function readOffer(headers: HeaderFields): Omit<Opening, 'key' | 'host'> {
  return {
    origin: fieldList(headers, 'Origin'),
    subprotocols: readSubprotocols(headers),
    extensions: readExtensions(headers),
  };
}

/**
 * The header fields of the answer that accepts `opening`: of a 101, §4.2.2 step 5, or over HTTP/2 of a
 * 200, RFC 8441 §5.
 *
 * Throws `UsageError` `WS_INVALID_OPTION` for a subprotocol or an extension that the client did
 * not offer: it would have to fail the connection (§4.1).
 */
export function openingAnswer(
  opening: Opening,
  { subprotocol, extensions = [] }: OpeningChoice,
  sha1: Sha1,
): Record<string, string> {
  const fields: Record<string, string> = {};
  if (opening.key !== undefined) {
    fields['Upgrade'] = 'websocket';
    fields['Connection'] = 'Upgrade';
    fields['Sec-WebSocket-Accept'] = acceptKey(opening.key, sha1);
  }
  if (subprotocol !== undefined) {
    // §4.2.2 step 4: "selecting one of the values from the |Sec-WebSocket-Protocol| field".
    if (!opening.subprotocols.includes(subprotocol)) throw notOffered('subprotocol', subprotocol);
    fields['Sec-WebSocket-Protocol'] = subprotocol;
  }
  if (extensions.length > 0) {
    fields['Sec-WebSocket-Extensions'] = formatExtensions(
      extensions.map(({ extension: { name }, parameters }) => {
        // §4.2.2 step 4: "Extensions not listed by the client MUST NOT be listed".
        if (opening.extensions.some((offer) => offer.name === name)) return { name, parameters };
        throw notOffered('extension', name);
      }),
    );
  }
  return fields;
}

function notOffered(what: string, name: string): UsageError {
  return new UsageError('WS_INVALID_OPTION', `${what} ${quote(name)} was not offered`);
}

/** RFC 9112 §2.3: a version is a digit, a point and a digit. */
function isHttp11OrLater(version: string): boolean {
  if (version.length !== 3 || version.charAt(1) !== '.') return false;
  const [major, minor] = [digit(version.charAt(0)), digit(version.charAt(2))];
  return major > 1 ? minor >= 0 : major === 1 && minor >= 1;
}

function digit(character: string): number {
  return '0123456789'.indexOf(character);
}

/**
 * Stricter than RFC 6455, which is silent: RFC 9110 §9.3.1 gives a body of a GET no meaning and
 * warns of request smuggling. The first frame must be what follows the header fields.
 */
function refuseBody(headers: HeaderFields): void {
  if (fieldList(headers, 'Transfer-Encoding') !== undefined) {
    throw refusal('WS_HANDSHAKE_BODY', headers, 'Transfer-Encoding');
  }
  if ((fieldList(headers, 'Content-Length') ?? '0') !== '0') {
    throw refusal('WS_HANDSHAKE_BODY', headers, 'Content-Length');
  }
}

/** 6. "A |Sec-WebSocket-Version| header field, with a value of 13"; §11.3.5: only one. */
function requireVersion13(headers: HeaderFields, http?: 'HTTP/2'): void {
  const [version, ...others] = fieldValues(headers, 'Sec-WebSocket-Version');
  if (version === undefined || others.length > 0) {
    throw refusal('WS_HANDSHAKE_VERSION_MISSING', headers, 'Sec-WebSocket-Version');
  }
  // §4.4: the refusal names the versions that we speak.
  if (version !== '13') {
    const detail = describeField(headers, 'Sec-WebSocket-Version');
    // A 426 must have an Upgrade (RFC 9110 §15.5.22), which HTTP/2 must not have (RFC 9113 §8.2.2).
    const response = { status: 400, headers: { 'Sec-WebSocket-Version': '13' } };
    throw new HandshakeError('WS_HANDSHAKE_VERSION', detail, http && response);
  }
}

/** 5. "a base64-encoded value that, when decoded, is 16 bytes in length"; §11.3.1: only one. */
function readKey(headers: HeaderFields): string {
  const [key, ...others] = fieldValues(headers, 'Sec-WebSocket-Key');
  if (key === undefined || others.length > 0 || !isHandshakeKey(key)) {
    throw refusal('WS_HANDSHAKE_KEY', headers, 'Sec-WebSocket-Key');
  }
  return key;
}

/** 8. Optional; §4.1 (10): "1#token", and the elements "MUST all be unique strings". */
function readSubprotocols(headers: HeaderFields): readonly string[] {
  const value = fieldList(headers, 'Sec-WebSocket-Protocol');
  if (value === undefined) return [];
  const names = parseTokenList(value);
  if (names === undefined || new Set(names).size < names.length) {
    throw new HandshakeError('WS_HANDSHAKE_SUBPROTOCOLS', `it was ${quote(value)}`);
  }
  return names;
}

/** 9. Optional; §9.1: on a malformed value the server fails the handshake. */
function readExtensions(headers: HeaderFields): readonly ExtensionOffer[] {
  const value = fieldList(headers, 'Sec-WebSocket-Extensions');
  if (value === undefined) return [];
  const extensions = parseExtensions(value);
  if (extensions === undefined) {
    throw new HandshakeError('WS_HANDSHAKE_EXTENSIONS', `it was ${quote(value)}`);
  }
  return extensions;
}

function refusal(code: RequestRefusalCode, headers: HeaderFields, field: string): HandshakeError {
  return new HandshakeError(code, describeField(headers, field));
}

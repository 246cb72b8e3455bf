import { HandshakeError, UsageError } from '../errors.ts';
import {
  type ClientExtension,
  confirmExtensions,
  type NegotiatedExtension,
} from '../extensions/extension.ts';
import { formatExtensions, parseExtensions } from '../extensions/extension-list.ts';
import { acceptKey, isHandshakeKey, type Sha1 } from './accept-key.ts';
import { encodeBase64 } from './base64.ts';
import { describeField, fieldList, fieldValues, type HeaderFields } from './header-fields.ts';
import { equalsIgnoringCase, hasToken } from './header-value.ts';
import { quote } from './quotation.ts';
import type { AnswerRefusalCode } from './refusal.ts';
import { assertSubprotocols } from './subprotocol.ts';

/** What a client asks for. The same value writes the request and judges the answer. */
export interface ClientOpening<E extends NegotiatedExtension = NegotiatedExtension> {
  /** From `handshakeKey`, of random bytes that are used only once (§4.1 (7)). */
  readonly key: string;
  /** In our order of preference. @default none */
  readonly subprotocols?: readonly string[] | undefined;
  /** In our order of preference. @default none */
  readonly extensions?: readonly ClientExtension<E>[] | undefined;
}

/** What a server answers: what the handshake reads of it. */
export interface OpeningResponse {
  readonly status: number;
  readonly headers: HeaderFields;
}

/** What both sides agreed on. */
export interface Agreement<E extends NegotiatedExtension = NegotiatedExtension> {
  readonly subprotocol: string | undefined;
  /** In the order in which they act on what is sent, §9.1. */
  readonly extensions: readonly E[];
}

/**
 * The key for one handshake from 16 random bytes, §4.1 (7). They must be unpredictable and not
 * used again. Throws `UsageError` `WS_INVALID_OPTION` for another number of bytes.
 */
export function handshakeKey(random16: Uint8Array): string {
  if (random16.byteLength !== 16) {
    throw new UsageError('WS_INVALID_OPTION', `a key takes 16 bytes, not ${random16.byteLength}`);
  }
  return encodeBase64(random16);
}

/**
 * The header fields of a client's request that belong to the handshake, §4.1 (5) to (11). `Host`,
 * `Origin` and whatever else there is are the caller's.
 *
 * Throws `UsageError` `WS_INVALID_OPTION` for a malformed key, subprotocol or extension.
 */
export function openingFields(opening: ClientOpening): Record<string, string> {
  const { key, subprotocols = [], extensions = [] } = opening;
  if (!isHandshakeKey(key)) {
    throw new UsageError('WS_INVALID_OPTION', `key ${quote(key)} is not 16 bytes in base64`);
  }
  assertSubprotocols(subprotocols);
  const fields: Record<string, string> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
  };
  if (subprotocols.length > 0) fields['Sec-WebSocket-Protocol'] = subprotocols.join(', ');
  const offers = extensions.flatMap((extension) =>
    extension.offers().map((parameters) => ({ name: extension.name, parameters })),
  );
  if (offers.length > 0) fields['Sec-WebSocket-Extensions'] = formatExtensions(offers);
  return fields;
}

/**
 * Judges the server's answer to `opening` by the six steps of §4.1.
 *
 * Throws `HandshakeError`: for a status other than 101 `WS_HANDSHAKE_REFUSED`, which has that
 * status and the header fields that came, repeated ones joined by commas; for a broken rule one
 * of the `WS_ANSWER_…` codes. The connection is then of no use and must be closed (§7.1.7).
 */
export function readAnswer<E extends NegotiatedExtension>(
  { status, headers }: OpeningResponse,
  opening: ClientOpening<E>,
  sha1: Sha1,
): Agreement<E> {
  if (status !== 101) {
    throw new HandshakeError('WS_HANDSHAKE_REFUSED', `it answered ${status}`, {
      status,
      headers: joinFields(headers),
    });
  }
  // 2. "a value that is not an ASCII case-insensitive match for the value "websocket"".
  if (!equalsIgnoringCase(fieldList(headers, 'Upgrade') ?? '', 'websocket')) {
    throw refusal('WS_ANSWER_UPGRADE', headers, 'Upgrade');
  }
  // 3. "a token that is an ASCII case-insensitive match for the value "Upgrade"".
  if (!hasToken(fieldList(headers, 'Connection') ?? '', 'upgrade')) {
    throw refusal('WS_ANSWER_CONNECTION', headers, 'Connection');
  }
  // 4. "the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key|" and the GUID.
  if (single(headers, 'Sec-WebSocket-Accept') !== acceptKey(opening.key, sha1)) {
    throw refusal('WS_ANSWER_ACCEPT', headers, 'Sec-WebSocket-Accept');
  }
  return {
    extensions: readExtensions(headers, opening.extensions ?? []),
    subprotocol: readSubprotocol(headers, opening.subprotocols ?? []),
  };
}

/**
 * 5. Extensions. The field may come several times: the RFC's §11.3.2 says otherwise of an answer,
 * against its §4.2.2, and erratum 3433 corrects it.
 */
function readExtensions<E extends NegotiatedExtension>(
  headers: HeaderFields,
  offered: readonly ClientExtension<E>[],
): readonly E[] {
  const value = fieldList(headers, 'Sec-WebSocket-Extensions');
  if (value === undefined) return [];
  const answers = parseExtensions(value);
  if (answers === undefined) {
    throw new HandshakeError('WS_ANSWER_EXTENSIONS', `it was ${quote(value)}`);
  }
  return confirmExtensions(answers, offered);
}

/** 6. "a subprotocol that was not present in the client's handshake". */
function readSubprotocol(headers: HeaderFields, offered: readonly string[]): string | undefined {
  const subprotocol = single(headers, 'Sec-WebSocket-Protocol');
  if (subprotocol === undefined || offered.includes(subprotocol)) return subprotocol;
  throw refusal('WS_ANSWER_SUBPROTOCOL', headers, 'Sec-WebSocket-Protocol');
}

/** The value of a field that "MUST NOT appear more than once in an HTTP response", §11.3. */
function single(headers: HeaderFields, name: string): string | undefined {
  const [value, ...others] = fieldValues(headers, name);
  if (others.length > 0) throw refusal('WS_ANSWER_HEADER_REPEATED', headers, name);
  return value;
}

function refusal(code: AnswerRefusalCode, headers: HeaderFields, field: string): HandshakeError {
  return new HandshakeError(code, describeField(headers, field));
}

/** The fields that came, each as one value. (`fromEntries` makes `__proto__` a field as others.) */
function joinFields(headers: HeaderFields): Record<string, string> {
  const came: [name: string, value: string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      came.push([name, typeof value === 'string' ? value : value.join(', ')]);
  }
  return Object.fromEntries(came);
}

import { UsageError } from '../errors.ts';
import type { NegotiatedExtension } from '../extensions/extension.ts';
import { acceptKey, isHandshakeKey, type Sha1 } from './accept-key.ts';
import { encodeBase64 } from './base64.ts';
import {
  type Agreement,
  answerRefusal,
  type ClientOffer,
  type OpeningResponse,
  offerFields,
  onlyValue,
  readChoice,
  refusedByServer,
} from './client-offer.ts';
import { fieldList } from './header-fields.ts';
import { equalsIgnoringCase, hasToken } from './header-value.ts';
import { quote } from './quotation.ts';

/** What a client asks for. The same value writes the request and judges the answer. */
export interface ClientOpening<E extends NegotiatedExtension = NegotiatedExtension>
  extends ClientOffer<E> {
  /** From `handshakeKey`, of random bytes that are used only once (§4.1 (7)). */
  readonly key: string;
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
  const { key } = opening;
  if (!isHandshakeKey(key)) {
    throw new UsageError('WS_INVALID_OPTION', `key ${quote(key)} is not 16 bytes in base64`);
  }
  return {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    ...offerFields(opening),
  };
}

/**
 * Judges the server's answer to `opening` by the six steps of §4.1.
 *
 * Throws `HandshakeError`: for a status other than 101 `WS_HANDSHAKE_REFUSED`, which has that
 * status and the header fields that came, repeated ones joined by commas; for a broken rule one
 * of the `WS_ANSWER_…` codes. The connection is then of no use and must be closed (§7.1.7).
 */
export function readAnswer<E extends NegotiatedExtension>(
  response: OpeningResponse,
  opening: ClientOpening<E>,
  sha1: Sha1,
): Agreement<E> {
  const { status, headers } = response;
  if (status !== 101) throw refusedByServer(response);
  // 2. "a value that is not an ASCII case-insensitive match for the value "websocket"".
  if (!equalsIgnoringCase(fieldList(headers, 'Upgrade') ?? '', 'websocket')) {
    throw answerRefusal('WS_ANSWER_UPGRADE', headers, 'Upgrade');
  }
  // 3. "a token that is an ASCII case-insensitive match for the value "Upgrade"".
  if (!hasToken(fieldList(headers, 'Connection') ?? '', 'upgrade')) {
    throw answerRefusal('WS_ANSWER_CONNECTION', headers, 'Connection');
  }
  // 4. "the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key|" and the GUID.
  if (onlyValue(headers, 'Sec-WebSocket-Accept') !== acceptKey(opening.key, sha1)) {
    throw answerRefusal('WS_ANSWER_ACCEPT', headers, 'Sec-WebSocket-Accept');
  }
  return readChoice(headers, opening);
}

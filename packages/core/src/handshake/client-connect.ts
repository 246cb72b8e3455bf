import type { NegotiatedExtension } from '../extensions/extension.ts';
import {
  type Agreement,
  type ClientOffer,
  type OpeningResponse,
  offerFields,
  readChoice,
  refusedByServer,
} from './client-offer.ts';

/**
 * The fields of a client's request over HTTP/2 that belong to the handshake: an extended CONNECT,
 * RFC 8441 §4 and §5. `:scheme`, `:path`, `:authority` and whatever else there is are the caller's.
 *
 * Throws `UsageError` `WS_INVALID_OPTION` for a malformed subprotocol or extension.
 */
export function connectFields(offer: ClientOffer): Record<string, string> {
  // RFC 8441 §5: `:protocol` stands in the place of Upgrade and Connection. There is no key either:
  // no cache and no server can take an extended CONNECT, which it has to announce, for another request.
  const fields: Record<string, string> = { ':method': 'CONNECT', ':protocol': 'websocket' };
  for (const [name, value] of Object.entries(offerFields(offer))) {
    // RFC 9113 §8.2: "Field names MUST be converted to lowercase when constructing an HTTP/2 message."
    fields[name.toLowerCase()] = value;
  }
  return fields;
}

/**
 * Judges the server's answer to an extended CONNECT, RFC 8441 §5. `headers` has no pseudo-header
 * fields. `Sec-WebSocket-Accept` is not looked at: without a key there is nothing for it to prove.
 *
 * Throws `HandshakeError`: for a status other than 200 `WS_HANDSHAKE_REFUSED`, which has that
 * status and the header fields that came, repeated ones joined by commas; for a broken rule one of
 * the `WS_ANSWER_…` codes, with that row's status. The stream is then of no use and must be reset.
 */
export function readConnectAnswer<E extends NegotiatedExtension>(
  response: OpeningResponse,
  offer: ClientOffer<E>,
): Agreement<E> {
  const { status, headers } = response;
  // Stricter than a CONNECT to a proxy, which any 2xx accepts (RFC 9110 §9.3.6): RFC 8441 §5.1 accepts
  // with 200, and a 202 or 204 is the word of something that has opened no WebSocket.
  if (status !== 200) throw refusedByServer(response);
  return readChoice(headers, offer);
}

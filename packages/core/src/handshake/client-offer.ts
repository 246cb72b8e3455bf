import { HandshakeError } from '../errors.ts';
import {
  type ClientExtension,
  confirmExtensions,
  type NegotiatedExtension,
} from '../extensions/extension.ts';
import { formatExtensions, parseExtensions } from '../extensions/extension-list.ts';
import { describeField, fieldList, fieldValues, type HeaderFields } from './header-fields.ts';
import { quote } from './quotation.ts';
import type { AnswerRefusalCode } from './refusal.ts';
import { assertSubprotocols } from './subprotocol.ts';

/** What a client leaves to the server to choose, whatever version of HTTP carries the handshake. */
export interface ClientOffer<E extends NegotiatedExtension = NegotiatedExtension> {
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
 * The header fields of the offer, §4.1 (9) to (11), with the version.
 *
 * Throws `UsageError` `WS_INVALID_OPTION` for a malformed subprotocol or extension.
 */
export function offerFields(offer: ClientOffer): Record<string, string> {
  const { subprotocols = [], extensions = [] } = offer;
  assertSubprotocols(subprotocols);
  const fields: Record<string, string> = { 'Sec-WebSocket-Version': '13' };
  if (subprotocols.length > 0) fields['Sec-WebSocket-Protocol'] = subprotocols.join(', ');
  const offers = extensions.flatMap((extension) =>
    extension.offers().map((parameters) => ({ name: extension.name, parameters })),
  );
  if (offers.length > 0) fields['Sec-WebSocket-Extensions'] = formatExtensions(offers);
  return fields;
}

/**
 * What the server has chosen of the offer, the last two of the six steps of §4.1. Throws
 * `HandshakeError` for what was not on offer.
 */
export function readChoice<E extends NegotiatedExtension>(
  headers: HeaderFields,
  { extensions = [], subprotocols = [] }: ClientOffer<E>,
): Agreement<E> {
  return {
    extensions: readExtensions(headers, extensions),
    subprotocol: readSubprotocol(headers, subprotocols),
  };
}

/** A refusal by the server: its status, and the header fields that came, repeated ones joined. */
export function refusedByServer({ status, headers }: OpeningResponse): HandshakeError {
  const response = { status, headers: joinFields(headers) };
  return new HandshakeError('WS_HANDSHAKE_REFUSED', `it answered ${status}`, response);
}

/** The value of a field that "MUST NOT appear more than once in an HTTP response", §11.3. */
export function onlyValue(headers: HeaderFields, name: string): string | undefined {
  const [value, ...others] = fieldValues(headers, name);
  if (others.length > 0) throw answerRefusal('WS_ANSWER_HEADER_REPEATED', headers, name);
  return value;
}

/** The error for an answer that breaks a rule by what came of `field`. */
export function answerRefusal(
  code: AnswerRefusalCode,
  headers: HeaderFields,
  field: string,
): HandshakeError {
  return new HandshakeError(code, describeField(headers, field));
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
  const subprotocol = onlyValue(headers, 'Sec-WebSocket-Protocol');
  if (subprotocol === undefined || offered.includes(subprotocol)) return subprotocol;
  throw answerRefusal('WS_ANSWER_SUBPROTOCOL', headers, 'Sec-WebSocket-Protocol');
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

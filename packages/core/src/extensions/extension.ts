import { HandshakeError } from '../errors.ts';
import { quote } from '../handshake/quotation.ts';
import type { ExtensionOffer, ExtensionParameters } from './extension-list.ts';

/** An extension that both sides agreed on, §9. What it does with frames is its own matter. */
export interface NegotiatedExtension {
  readonly name: string;
  /** The reserved bits that it gives a meaning to: RSV1, RSV2 and RSV3 as 4, 2 and 1 (§5.2). */
  readonly rsv: number;
}

/** A server's side of negotiating one extension. */
export interface ServerExtension<E extends NegotiatedExtension = NegotiatedExtension> {
  readonly name: string;
  /** Accepts one offer of this extension; `undefined` declines it, and the next one is asked. */
  accept(offer: ExtensionParameters): AcceptedOffer<E> | undefined;
}

/** A client's side of negotiating one extension. */
export interface ClientExtension<E extends NegotiatedExtension = NegotiatedExtension> {
  readonly name: string;
  /** What to offer: several sets of parameters, the most preferable first (§9.1). */
  offers(): readonly ExtensionParameters[];
  /** The extension as the server answered it; `undefined` if none of the offers allows that. */
  accept(answer: ExtensionParameters): E | undefined;
}

/** What a server makes of an offer that it accepts. */
export interface AcceptedOffer<E extends NegotiatedExtension = NegotiatedExtension> {
  /** The parameters to answer. */
  readonly parameters: ExtensionParameters;
  readonly extension: E;
}

/**
 * Chooses for a server: of each extension the first offer that is acceptable, in the order of the
 * client's list, which is its preference and the order in which extensions act (§9.1).
 *
 * Names we do not know, second offers of an extension already chosen, and extensions that claim a
 * reserved bit already taken are passed over: a server "MAY accept some or all" (§9).
 */
export function negotiateExtensions<E extends NegotiatedExtension>(
  offers: readonly ExtensionOffer[],
  supported: readonly ServerExtension<E>[],
): readonly AcceptedOffer<E>[] {
  const accepted: AcceptedOffer<E>[] = [];
  const names = new Set<string>();
  let claimedBits = 0;
  for (const { name, parameters } of offers) {
    if (names.has(name)) continue;
    const candidate = supported.find((extension) => extension.name === name)?.accept(parameters);
    if (candidate === undefined || (candidate.extension.rsv & claimedBits) !== 0) continue;
    names.add(name);
    claimedBits |= candidate.extension.rsv;
    accepted.push(candidate);
  }
  return accepted;
}

/**
 * Checks for a client what the server chose, and returns it in the server's order, in which the
 * extensions act (§9.1).
 *
 * Throws `HandshakeError`: `WS_ANSWER_EXTENSION_NOT_OFFERED`, `WS_ANSWER_EXTENSIONS` where one is
 * chosen twice, `WS_ANSWER_EXTENSION_UNUSABLE` where no offer allows it or two claim one bit.
 */
export function confirmExtensions<E extends NegotiatedExtension>(
  answers: readonly ExtensionOffer[],
  offered: readonly ClientExtension<E>[],
): readonly E[] {
  const confirmed = new Map<string, E>();
  let claimedBits = 0;
  for (const { name, parameters } of answers) {
    const offer = offered.find((extension) => extension.name === name);
    // §4.1 step 5: "an extension that was not present in the client's handshake".
    if (offer === undefined) {
      throw new HandshakeError('WS_ANSWER_EXTENSION_NOT_OFFERED', quote(name));
    }
    if (confirmed.has(name)) {
      throw new HandshakeError('WS_ANSWER_EXTENSIONS', `${quote(name)} is chosen twice`);
    }
    const extension = offer.accept(parameters);
    if (extension === undefined || (extension.rsv & claimedBits) !== 0) {
      throw new HandshakeError('WS_ANSWER_EXTENSION_UNUSABLE', quote(name));
    }
    claimedBits |= extension.rsv;
    confirmed.set(name, extension);
  }
  return [...confirmed.values()];
}

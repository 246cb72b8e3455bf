import type { ExtensionParameters } from './extension-list.ts';

/** What an offer or an answer of permessage-deflate says, RFC 7692 §7.1. */
export interface DeflateParameters {
  /** The server empties its compression window after each message, RFC 7692 §7.1.1.1. */
  readonly serverNoContextTakeover: boolean;
  /** The client does, RFC 7692 §7.1.1.2. */
  readonly clientNoContextTakeover: boolean;
  /** The server's window is at most 2 to this power, 8–15; `undefined` is unsaid: 15. */
  readonly serverMaxWindowBits: number | undefined;
  /** The client's window, likewise. In an offer it also says that an answer may set it. */
  readonly clientMaxWindowBits: number | undefined;
}

/** The window of a DEFLATE stream that no parameter limits: 32 KiB. */
export const MAX_WINDOW_BITS = 15;

const WINDOW_BITS = ['8', '9', '10', '11', '12', '13', '14', '15'];
const SMALLEST_WINDOW_BITS = 8;

/**
 * Parses the parameters of an offer or an answer. Returns `undefined` for those that RFC 7692
 * §7.1 has a server decline and a client fail for: unknown, repeated, or with a wrong value.
 */
export function parseDeflateParameters(
  parameters: ExtensionParameters,
  place: 'offer' | 'answer',
): DeflateParameters | undefined {
  const rest = new Map(parameters);
  if (rest.size !== parameters.length) return undefined;

  const serverNoContextTakeover = takeFlag(rest, 'server_no_context_takeover');
  const clientNoContextTakeover = takeFlag(rest, 'client_no_context_takeover');
  const serverMaxWindowBits = takeWindowBits(rest, 'server_max_window_bits');
  // RFC 7692 §7.1.2.2: in an offer it may have no value. That limits nothing, so it says 15.
  if (place === 'offer' && rest.has(CLIENT_BITS) && rest.get(CLIENT_BITS) === undefined) {
    rest.set(CLIENT_BITS, '15');
  }
  const clientMaxWindowBits = takeWindowBits(rest, CLIENT_BITS);

  // What nothing took is a parameter that RFC 7692 does not define, or has an invalid value.
  if (rest.size > 0) return undefined;
  return {
    serverNoContextTakeover,
    clientNoContextTakeover,
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}

import type { ExtensionParameters } from './extension-list.ts';

/** What an offer or an answer of permessage-deflate says, RFC 7692 §7.1. */
export interface DeflateParameters {
  /** The server compresses each message with an empty window, RFC 7692 §7.1.1.1. */
  readonly serverNoContextTakeover: boolean;
  /** The client does, RFC 7692 §7.1.1.2. */
  readonly clientNoContextTakeover: boolean;
  /** The server's window is at most 2 to this power, 8–15. Unsaid means 15. */
  readonly serverMaxWindowBits: number | undefined;
  /** The client's, likewise. In an offer it says too that the answer may limit it. */
  readonly clientMaxWindowBits: number | undefined;
}

/** The largest window of DEFLATE, 32 KiB, which is in use where nothing limits it. */
export const MAX_WINDOW_BITS = 15;

/**
 * RFC 7692 §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15". These are
 * all there are, so nothing else ever reaches zlib.
 */
const WINDOW_BITS: ReadonlyMap<string, number> = new Map(
  [8, 9, 10, 11, 12, 13, 14, MAX_WINDOW_BITS].map((bits) => [String(bits), bits]),
);

/** Whose statement it is: a client offers, a server answers. */
export type DeflateStatement = 'offer' | 'answer';

/**
 * Parses the parameters of an offer or an answer. Returns `undefined` for what RFC 7692 §7 has a
 * server decline and a client fail for: a parameter that is unknown, repeated, or of wrong value.
 */
export function parseDeflateParameters(
  parameters: ExtensionParameters,
  statement: DeflateStatement,
): DeflateParameters | undefined {
  const untaken = new Map(parameters);
  if (untaken.size !== parameters.length) return undefined;
  // RFC 7692 §7.1.2.2: an offer may leave the client's value out. That limits nothing: 15.
  const unvalued = statement === 'offer' ? MAX_WINDOW_BITS : undefined;
  const parsed = {
    serverNoContextTakeover: takeFlag(untaken, 'server_no_context_takeover'),
    clientNoContextTakeover: takeFlag(untaken, 'client_no_context_takeover'),
    serverMaxWindowBits: takeWindowBits(untaken, 'server_max_window_bits', undefined),
    clientMaxWindowBits: takeWindowBits(untaken, 'client_max_window_bits', unvalued),
  };
  return untaken.size === 0 ? parsed : undefined;
}

/** Formats the parameters, the opposite of `parseDeflateParameters`. */
export function formatDeflateParameters(
  parameters: DeflateParameters,
  statement: DeflateStatement,
): ExtensionParameters {
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const formatted: [name: string, value: string | undefined][] = [];
  if (parameters.serverNoContextTakeover) formatted.push(['server_no_context_takeover', undefined]);
  if (parameters.clientNoContextTakeover) formatted.push(['client_no_context_takeover', undefined]);
  if (serverMaxWindowBits !== undefined) {
    formatted.push(['server_max_window_bits', String(serverMaxWindowBits)]);
  }
  if (clientMaxWindowBits !== undefined) {
    const unlimited = statement === 'offer' && clientMaxWindowBits === MAX_WINDOW_BITS;
    formatted.push(['client_max_window_bits', unlimited ? undefined : String(clientMaxWindowBits)]);
  }
  return formatted;
}

/** Takes a parameter that has no value. (`delete` is false for one that is not there.) */
function takeFlag(untaken: Map<string, string | undefined>, name: string): boolean {
  return untaken.get(name) === undefined && untaken.delete(name);
}

/** Takes a window size. One of wrong value stays, for the parser to find. */
function takeWindowBits(
  untaken: Map<string, string | undefined>,
  name: string,
  unvalued: number | undefined,
): number | undefined {
  const value = untaken.get(name);
  const bits = value === undefined ? unvalued : WINDOW_BITS.get(value);
  return bits !== undefined && untaken.delete(name) ? bits : undefined;
}

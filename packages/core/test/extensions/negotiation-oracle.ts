/**
 * What RFC 7692 §7.1 has to say to every offer and every answer. It is written from the sentences of
 * the RFC, and asks no code of ours; a bare § here is RFC 7692.
 */
import type { DeflateContext, DeflateOptions } from '../../src/extensions/permessage-deflate.ts';

/**
 * An offer or an answer of permessage-deflate by the RFC's own names: `false` is a parameter that is
 * not there, `true` one without a value.
 */
export interface Statement {
  readonly server_no_context_takeover: boolean;
  readonly client_no_context_takeover: boolean;
  readonly server_max_window_bits: number | false;
  readonly client_max_window_bits: number | boolean;
}

/** "Between 8 to 15, inclusive": RFC 7692 §7.1.2.1. */
export const BITS = [8, 9, 10, 11, 12, 13, 14, 15];
export const FLAG = [false, true];

/** Every statement with one of these windows. */
export function statements(
  serverBits: readonly Statement['server_max_window_bits'][],
  clientBits: readonly Statement['client_max_window_bits'][],
): readonly Statement[] {
  return FLAG.flatMap((server_no_context_takeover) =>
    FLAG.flatMap((client_no_context_takeover) =>
      serverBits.flatMap((server_max_window_bits) =>
        clientBits.map((client_max_window_bits) => ({
          server_no_context_takeover,
          client_no_context_takeover,
          server_max_window_bits,
          client_max_window_bits,
        })),
      ),
    ),
  );
}

/** Everything that can be offered. */
export const offers = statements([false, ...BITS], [false, true, ...BITS]);
/** Everything that can be answered. */
export const answers = statements([false, ...BITS], [false, ...BITS]);

export function parametersOf(statement: Statement): readonly string[] {
  return Object.entries(statement).flatMap(([name, value]) => {
    if (value === false) return [];
    return value === true ? [name] : [`${name}=${value}`];
  });
}

export function fieldOf(parameters: readonly string[]): string {
  return ['permessage-deflate', ...parameters].join('; ');
}

export function textOf(statement: Statement): string {
  return fieldOf(parametersOf(statement));
}

/** The window that bits stand for: without a number "an LZ77 sliding window of up to 32,768 bytes". */
export function windowOf(bits: number | boolean | undefined): number {
  return typeof bits === 'number' ? bits : 15;
}

/** The section of RFC 7692 by which `answer` does not accept `offer`. */
export function brokenRule(offer: Statement, answer: Statement): string | undefined {
  // "accepts … by including the "server_no_context_takeover" extension parameter".
  if (offer.server_no_context_takeover && !answer.server_no_context_takeover) return '7.1.1.1';
  // §7.1.1.2 forbids nothing: the server may ignore the client's hint, and may ask unasked.
  if (offer.server_max_window_bits !== false) {
    // "by including the "server_max_window_bits" … with the same or smaller value as the offer".
    if (answer.server_max_window_bits === false) return '7.1.2.1';
    if (answer.server_max_window_bits > offer.server_max_window_bits) return '7.1.2.1';
  }
  if (answer.client_max_window_bits !== false) {
    // "If a received … offer doesn't have the "client_max_window_bits" …, the … response … MUST NOT".
    if (offer.client_max_window_bits === false) return '7.1.2.2';
    // "with a value equal to or smaller than the received value".
    if (windowOf(answer.client_max_window_bits) > windowOf(offer.client_max_window_bits)) {
      return '7.1.2.2';
    }
  }
  return undefined;
}

/** How the two directions of a connection are to use DEFLATE. */
export interface Contexts {
  readonly compressor: DeflateContext | undefined;
  readonly decompressor: DeflateContext | undefined;
}

/** What a server says and does that answers so. */
export function served(
  answer: Statement | undefined,
): Contexts & { readonly answer: string | undefined } {
  if (answer === undefined) {
    return { answer: undefined, compressor: undefined, decompressor: undefined };
  }
  return {
    answer: textOf(answer),
    compressor: {
      windowBits: windowOf(answer.server_max_window_bits),
      takeover: !answer.server_no_context_takeover,
    },
    decompressor: {
      windowBits: windowOf(answer.client_max_window_bits),
      takeover: !answer.client_no_context_takeover,
    },
  };
}

/** The answer of a server that wants something of its own; `undefined` if it declines the offer. */
export function answerTo(offer: Statement, wanted: DeflateOptions): Statement | undefined {
  // An answer of 8 or less would accept it; the least that zlib compresses with is 9.
  if (offer.server_max_window_bits === 8) return undefined;
  const serverBits = Math.min(
    windowOf(offer.server_max_window_bits),
    windowOf(wanted.serverMaxWindowBits),
  );
  const clientBits = Math.min(
    windowOf(offer.client_max_window_bits),
    windowOf(wanted.clientMaxWindowBits),
  );
  return {
    // §7.1.1.1: by including it; and it "MAY" be there "even if the … offer … didn't include" it.
    server_no_context_takeover:
      offer.server_no_context_takeover || wanted.serverNoContextTakeover === true,
    // §7.1.1.2: the client's hint is used, "to avoid taking over the LZ77 sliding window".
    client_no_context_takeover:
      offer.client_no_context_takeover || wanted.clientNoContextTakeover === true,
    // §7.1.2.1: has to be there if it was offered; unasked only if it limits anything.
    server_max_window_bits:
      offer.server_max_window_bits === false && serverBits === 15 ? false : serverBits,
    // §7.1.2.2: only if it was offered, and only if it limits anything.
    client_max_window_bits:
      offer.client_max_window_bits === false || clientBits === 15 ? false : clientBits,
  };
}

/**
 * What a client makes of an answer to its offers, of which the first counts that the answer accepts;
 * or the code by which it refuses the answer.
 */
export function connected(
  alternatives: readonly Statement[],
  answer: Statement,
): Contexts | string {
  const offer = alternatives.find((candidate) => accepts(answer, candidate));
  if (offer === undefined) return 'WS_ANSWER_EXTENSION_UNUSABLE';
  // §7.1.2.2: the client keeps to its hint "even if the server doesn't include" it; §7.1.1.2 likewise.
  const windowBits = Math.min(
    windowOf(offer.client_max_window_bits),
    windowOf(answer.client_max_window_bits),
  );
  const takeover = !offer.client_no_context_takeover && !answer.client_no_context_takeover;
  return {
    // zlib does not compress with a window of 2^8. The extension stays: §6 obliges nobody to compress.
    compressor: windowBits === 8 ? undefined : { windowBits, takeover },
    decompressor: {
      windowBits: windowOf(answer.server_max_window_bits),
      takeover: !answer.server_no_context_takeover,
    },
  };
}

/**
 * Laxer than §7.1.2.1 in one case: an answer may leave out a limit of 15, since "absence of this
 * extension parameter" says the same.
 */
function accepts(answer: Statement, offer: Statement): boolean {
  const unlimited = offer.server_max_window_bits === 15;
  const meant = unlimited ? { ...offer, server_max_window_bits: false as const } : offer;
  return brokenRule(meant, answer) === undefined;
}

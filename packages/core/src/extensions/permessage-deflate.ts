import { UsageError } from '../errors.ts';
import {
  type DeflateParameters,
  formatDeflateParameters,
  MAX_WINDOW_BITS,
  parseDeflateParameters,
} from './deflate-parameters.ts';
import type { ClientExtension, NegotiatedExtension, ServerExtension } from './extension.ts';

/** permessage-deflate as negotiated, RFC 7692 §7.1, and what follows from it for our side. */
export interface PermessageDeflate extends NegotiatedExtension {
  readonly name: 'permessage-deflate';
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 8–15; 9–15 where we are the server. */
  readonly serverMaxWindowBits: number;
  /** 8–15. */
  readonly clientMaxWindowBits: number;
  /** How to compress what we send; `undefined` means to send every message uncompressed. */
  readonly compressor: DeflateContext | undefined;
  /** How to decompress what comes. */
  readonly decompressor: DeflateContext;
}

/** How one direction of a connection uses DEFLATE. */
export interface DeflateContext {
  /** zlib's `windowBits`: the window is 2 to this power, 9–15 to compress, 8–15 to decompress. */
  readonly windowBits: number;
  /** Whether the window lives on from message to message, RFC 7692 §7.1.1. */
  readonly takeover: boolean;
}

/** What one side asks of permessage-deflate. */
export interface DeflateOptions {
  /** The server starts each message with an empty window. @default false */
  readonly serverNoContextTakeover?: boolean | undefined;
  /** The client does. @default false */
  readonly clientNoContextTakeover?: boolean | undefined;
  /** 9–15 on a server; 8–15 on a client, which asks for it. @default 15 */
  readonly serverMaxWindowBits?: number | undefined;
  /**
   * 9–15 on a client; 8–15 on a server, which can ask only those clients for it that let it
   * (RFC 7692 §7.1.2.2). The others have 15. @default 15
   */
  readonly clientMaxWindowBits?: number | undefined;
}

const NAME = 'permessage-deflate';

/** RFC 7692 §6: RSV1 marks a compressed message. */
export const RSV1 = 4;

const MIN_WINDOW_BITS = 8;

/** zlib refuses to compress with a window of 2^8; Node asks it for 2^9 then, without a word. */
const MIN_COMPRESSOR_BITS = 9;

/**
 * permessage-deflate for a server. Each offer is judged on its own, so where a client's first is
 * declined its second may do (RFC 7692 §7.1.3). Throws `UsageError` `WS_INVALID_OPTION` for window
 * bits out of range.
 */
export function serverDeflate(options: DeflateOptions = {}): ServerExtension<PermessageDeflate> {
  const wanted = parametersOf(options, { server: MIN_COMPRESSOR_BITS, client: MIN_WINDOW_BITS });
  return {
    name: NAME,
    accept(parameters) {
      const offer = parseDeflateParameters(parameters, 'offer');
      if (offer === undefined) return undefined;
      const answer = answerOffer(offer, wanted);
      // RFC 7692 §7.1.2.1: an answer may not exceed the offer, and an offer of 8 is below us.
      if (bitsOf(answer.serverMaxWindowBits) < MIN_COMPRESSOR_BITS) return undefined;
      return {
        parameters: formatDeflateParameters(answer, 'answer'),
        extension: negotiated('server', answer),
      };
    },
  };
}

function answerOffer(offer: DeflateParameters, wanted: DeflateParameters): DeflateParameters {
  const serverBits = smaller(offer.serverMaxWindowBits, wanted.serverMaxWindowBits);
  const clientBits = smaller(offer.clientMaxWindowBits, wanted.clientMaxWindowBits);
  const serverOffered = offer.serverMaxWindowBits !== undefined;
  const clientOffered = offer.clientMaxWindowBits !== undefined;
  return {
    // RFC 7692 §7.1.1.1: accepted "by including" it; the server may include it unasked.
    serverNoContextTakeover: offer.serverNoContextTakeover || wanted.serverNoContextTakeover,
    // RFC 7692 §7.1.1.2: the client's hint, or the server's demand.
    clientNoContextTakeover: offer.clientNoContextTakeover || wanted.clientNoContextTakeover,
    // RFC 7692 §7.1.2.1: accepted by including it "with the same or smaller value"; the server
    // may include it unasked.
    serverMaxWindowBits: serverOffered || serverBits < MAX_WINDOW_BITS ? serverBits : undefined,
    // RFC 7692 §7.1.2.2: in the answer only if it is in the offer.
    clientMaxWindowBits: clientOffered && clientBits < MAX_WINDOW_BITS ? clientBits : undefined,
  };
}

/**
 * permessage-deflate for a client. `alternatives` are its offers, the most preferable first:
 * `[{ serverMaxWindowBits: 10 }, {}]` would like a small window and can do without. Each offer
 * lets the server limit our window. Throws `UsageError` `WS_INVALID_OPTION` for window bits out
 * of range.
 */
export function clientDeflate(
  alternatives: readonly DeflateOptions[] = [{}],
): ClientExtension<PermessageDeflate> {
  const offers = alternatives.map(offerOf);
  return {
    name: NAME,
    offers: () => offers.map((offer) => formatDeflateParameters(offer, 'offer')),
    accept(parameters) {
      const answer = parseDeflateParameters(parameters, 'answer');
      if (answer === undefined) return undefined;
      const offer = offers.find((candidate) => allows(candidate, answer));
      return offer && negotiated('client', applyAnswer(offer, answer));
    },
  };
}

function offerOf(options: DeflateOptions): DeflateParameters {
  const offer = parametersOf(options, { server: MIN_WINDOW_BITS, client: MIN_COMPRESSOR_BITS });
  return { ...offer, clientMaxWindowBits: bitsOf(offer.clientMaxWindowBits) };
}

/** Whether the answer keeps to the offer: RFC 7692 §7.1.1.1, §7.1.2.1 and §7.1.2.2 in turn. */
function allows(offer: DeflateParameters, answer: DeflateParameters): boolean {
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover) return false;
  if (bitsOf(answer.serverMaxWindowBits) > bitsOf(offer.serverMaxWindowBits)) return false;
  const { clientMaxWindowBits } = answer;
  return (
    clientMaxWindowBits === undefined || clientMaxWindowBits <= bitsOf(offer.clientMaxWindowBits)
  );
}

/** What we offered to do binds us even if the answer does not repeat it (RFC 7692 §7.1.2.2). */
function applyAnswer(offer: DeflateParameters, answer: DeflateParameters): DeflateParameters {
  return {
    ...answer,
    clientNoContextTakeover: offer.clientNoContextTakeover || answer.clientNoContextTakeover,
    clientMaxWindowBits: smaller(offer.clientMaxWindowBits, answer.clientMaxWindowBits),
  };
}

function negotiated(role: 'client' | 'server', answer: DeflateParameters): PermessageDeflate {
  const { serverNoContextTakeover, clientNoContextTakeover } = answer;
  const serverMaxWindowBits = bitsOf(answer.serverMaxWindowBits);
  const clientMaxWindowBits = bitsOf(answer.clientMaxWindowBits);
  const server = { windowBits: serverMaxWindowBits, takeover: !serverNoContextTakeover };
  const client = { windowBits: clientMaxWindowBits, takeover: !clientNoContextTakeover };
  const [sent, received] = role === 'server' ? [server, client] : [client, server];
  return {
    name: NAME,
    rsv: RSV1,
    serverNoContextTakeover,
    clientNoContextTakeover,
    serverMaxWindowBits,
    clientMaxWindowBits,
    // RFC 7692 §6: each message may go uncompressed. With a window of 2^8 all of ours must.
    compressor: sent.windowBits < MIN_COMPRESSOR_BITS ? undefined : sent,
    decompressor: received,
  };
}

function bitsOf(windowBits: number | undefined): number {
  return windowBits ?? MAX_WINDOW_BITS;
}

function smaller(one: number | undefined, other: number | undefined): number {
  return Math.min(bitsOf(one), bitsOf(other));
}

/** The options as parameters, once the window bits are known to be `least` to 15. */
function parametersOf(
  options: DeflateOptions,
  least: { readonly server: number; readonly client: number },
): DeflateParameters {
  const { serverMaxWindowBits, clientMaxWindowBits } = options;
  assertWindowBits('serverMaxWindowBits', serverMaxWindowBits, least.server);
  assertWindowBits('clientMaxWindowBits', clientMaxWindowBits, least.client);
  return {
    serverNoContextTakeover: options.serverNoContextTakeover === true,
    clientNoContextTakeover: options.clientNoContextTakeover === true,
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}

function assertWindowBits(option: string, windowBits: number | undefined, least: number): void {
  if (windowBits === undefined) return;
  if (Number.isInteger(windowBits) && windowBits >= least && windowBits <= MAX_WINDOW_BITS) return;
  throw new UsageError(
    'WS_INVALID_OPTION',
    `${option} must be a whole number from ${least} to ${MAX_WINDOW_BITS}, not ${windowBits}`,
  );
}

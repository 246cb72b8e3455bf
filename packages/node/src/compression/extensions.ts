import {
  type ClientExtension,
  clientDeflate,
  type DeflateOptions,
  type PermessageDeflate,
  type ServerExtension,
  serverDeflate,
} from '@heddle/core';
import type { ResolvedCompression } from '../options.ts';

/** 4 KiB: a server has many windows, and larger ones make messages of some KiB hardly smaller. */
const SERVER_WINDOW_BITS = 12;

/** What a server takes of what clients offer. */
export function serverExtensions(
  compression: ResolvedCompression,
): readonly ServerExtension<PermessageDeflate>[] {
  if (compression === false) return [];
  const { serverMaxWindowBits = SERVER_WINDOW_BITS, clientMaxWindowBits = SERVER_WINDOW_BITS } =
    compression;
  return [serverDeflate({ ...agreement(compression), serverMaxWindowBits, clientMaxWindowBits })];
}

/**
 * What a client offers. Where it asks the server for something, a second offer does without: a server
 * must decline what it cannot do, and would not compress at all (RFC 7692 §7.1.3).
 */
export function clientExtensions(
  compression: ResolvedCompression,
): readonly ClientExtension<PermessageDeflate>[] {
  if (compression === false) return [];
  const wanted = agreement(compression);
  const { serverNoContextTakeover, serverMaxWindowBits, ...ours } = wanted;
  const asks = serverNoContextTakeover === true || serverMaxWindowBits !== undefined;
  return [clientDeflate(asks ? [wanted, ours] : [wanted])];
}

/** The options that the peer hears of. */
function agreement(compression: DeflateOptions): DeflateOptions {
  const { serverNoContextTakeover, clientNoContextTakeover } = compression;
  const { serverMaxWindowBits, clientMaxWindowBits } = compression;
  return {
    serverNoContextTakeover,
    clientNoContextTakeover,
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}

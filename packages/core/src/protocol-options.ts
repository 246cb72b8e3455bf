import type { BlockPool } from './block-pool.ts';
import { UsageError } from './errors.ts';
import type { NegotiatedExtension } from './extensions/extension.ts';
import type { Inflater } from './extensions/inflater.ts';
import { RSV1 } from './extensions/permessage-deflate.ts';
import { assertLimit, DEFAULT_MESSAGE_LIMITS, type MessageLimits } from './limits.ts';
import type { Primitives } from './primitives.ts';
import type { Slab } from './slab.ts';

export interface ProtocolOptions {
  readonly role: 'client' | 'server';
  readonly limits?: Partial<MessageLimits>;
  /** What the opening handshake negotiated. */
  readonly extensions?: readonly NegotiatedExtension[];
  /** Decompresses what comes, where the extensions allow compressed messages. */
  readonly inflater?: Inflater | undefined;
  /** Replaces single functions of this package by native ones. */
  readonly primitives?: Primitives;
  /** Shared by the connections of a process; without it a connection has its own. */
  readonly slab?: Slab;
  /** As `slab`: where large messages are put together. */
  readonly blocks?: BlockPool;
  /** A client's masking keys (§5.3): unsigned 32-bit numbers from a strong source of randomness. */
  readonly nextMaskingKey?: () => number;
}

/** What the options come to. Throws `UsageError` `WS_INVALID_OPTION`. */
export function checkOptions({
  role,
  limits: given,
  extensions = [],
  inflater,
  nextMaskingKey,
}: ProtocolOptions): { readonly limits: MessageLimits; readonly rsvAllowed: number } {
  // Each connection keeps them, so they are these two and no others that the caller may have beside them.
  const {
    maxMessageBytes = DEFAULT_MESSAGE_LIMITS.maxMessageBytes,
    maxFragments = DEFAULT_MESSAGE_LIMITS.maxFragments,
  } = given ?? {};
  const limits = { maxMessageBytes, maxFragments };
  assertLimit('limits.maxMessageBytes', limits.maxMessageBytes);
  assertLimit('limits.maxFragments', limits.maxFragments);
  // §5.3: "A masking key is a 32-bit value chosen at random by the client".
  if ((role === 'client') !== (nextMaskingKey !== undefined)) {
    throw invalid('nextMaskingKey belongs to a client, and to it alone');
  }
  const rsvAllowed = extensions.reduce((bits, { rsv }) => bits | rsv, 0);
  // What is compressed would be taken for the message itself.
  if ((rsvAllowed & RSV1) !== 0 && inflater === undefined) {
    throw invalid('permessage-deflate needs an inflater');
  }
  return { limits, rsvAllowed };
}

function invalid(detail: string): UsageError {
  return new UsageError('WS_INVALID_OPTION', detail);
}

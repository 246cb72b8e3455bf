import type { IncomingMessage } from 'node:http';
import { type CompressionOptions, UsageError } from '@heddle/node';
import type { WebSocketOptions } from '../options.ts';

/** The options of `ws` that have a counterpart here. */
export interface WsOptions {
  /**
   * The most bytes in a message.
   * @default 2 ** 20
   */
  readonly maxPayload?: number;
  /**
   * Chooses a subprotocol, `false` for none.
   * @default the first that the client offers
   */
  readonly handleProtocols?: (
    protocols: string[],
    request: IncomingMessage,
  ) => string | false | undefined;
  /**
   * permessage-deflate (RFC 7692), with the names of `ws`.
   * @default false
   */
  readonly perMessageDeflate?: boolean | WsDeflateOptions;
}

/** What `ws` takes for permessage-deflate, as far as it has a counterpart. */
export interface WsDeflateOptions
  extends Pick<
    CompressionOptions,
    | 'serverNoContextTakeover'
    | 'clientNoContextTakeover'
    | 'serverMaxWindowBits'
    | 'clientMaxWindowBits'
  > {
  /** In bytes; `thresholdBytes` of node. */
  readonly threshold?: number;
  readonly zlibDeflateOptions?: Pick<CompressionOptions, 'level' | 'memLevel'> & ZlibChunks;
  readonly zlibInflateOptions?: ZlibChunks;
  /** Means nothing here: the thread pool has its own limit. */
  readonly concurrencyLimit?: number;
}

interface ZlibChunks {
  /** Means nothing here: no message is compressed or inflated otherwise for it. */
  readonly chunkSize?: number;
}

/** Where what the others did is done here. */
const instead: Readonly<Record<string, string>> = {
  'wsOptions.verifyClient': 'refuse in a middleware before the route, or with `origins`',
  'wsOptions.path': 'give app.ws its path',
  'wsOptions.server': 'pass the server as the second argument',
};

/** Throws `UsageError` `WS_INVALID_OPTION` for an option that has no counterpart. */
export function fromWsOptions(
  { wsOptions = {} }: { readonly wsOptions?: WsOptions | undefined },
  limits: WebSocketOptions['limits'],
): Pick<WebSocketOptions, 'limits' | 'subprotocols' | 'compression'> {
  assertKnown('wsOptions', wsOptions);
  const { maxPayload, handleProtocols = first, perMessageDeflate = false } = wsOptions;
  return {
    compression: compressionOf(perMessageDeflate),
    limits: { ...limits, ...(maxPayload !== undefined && { maxMessageBytes: maxPayload }) },
    subprotocols: (offered, request) =>
      (offered.length > 0 && handleProtocols([...offered], request)) || undefined,
  };
}

function compressionOf(
  perMessageDeflate: boolean | WsDeflateOptions | null,
): boolean | CompressionOptions {
  // To `ws` it is as good as `false`.
  if (perMessageDeflate === null) return false;
  if (typeof perMessageDeflate !== 'object') return perMessageDeflate;
  const { threshold, zlibDeflateOptions, zlibInflateOptions, concurrencyLimit, ...agreement } =
    perMessageDeflate;
  assertKnown('wsOptions.perMessageDeflate', perMessageDeflate);
  assertKnown('wsOptions.perMessageDeflate.zlibDeflateOptions', zlibDeflateOptions);
  assertKnown('wsOptions.perMessageDeflate.zlibInflateOptions', zlibInflateOptions);
  const { level, memLevel } = zlibDeflateOptions ?? {};
  return {
    ...agreement,
    ...(threshold !== undefined && { thresholdBytes: threshold }),
    ...(level !== undefined && { level }),
    ...(memLevel !== undefined && { memLevel }),
  };
}

/** What there may be, by where it is. */
const known = {
  wsOptions: ['maxPayload', 'handleProtocols', 'perMessageDeflate'],
  'wsOptions.perMessageDeflate': [
    'threshold',
    'serverNoContextTakeover',
    'clientNoContextTakeover',
    'serverMaxWindowBits',
    'clientMaxWindowBits',
    'zlibDeflateOptions',
    'zlibInflateOptions',
    'concurrencyLimit',
  ],
  'wsOptions.perMessageDeflate.zlibDeflateOptions': ['level', 'memLevel', 'chunkSize'],
  'wsOptions.perMessageDeflate.zlibInflateOptions': ['chunkSize'],
} as const satisfies Record<string, readonly string[]>;

function assertKnown(where: keyof typeof known, options: object | undefined): void {
  const names: readonly string[] = known[where];
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined || names.includes(name)) continue;
    const path = `${where}.${name}`;
    const hint = instead[path] === undefined ? '' : `: ${instead[path]}`;
    throw new UsageError('WS_INVALID_OPTION', `${path} has no counterpart${hint}`);
  }
}

function first(protocols: string[]): string | undefined {
  return protocols[0];
}

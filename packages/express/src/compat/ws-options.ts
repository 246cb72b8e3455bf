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
  readonly zlibDeflateOptions?: Pick<CompressionOptions, 'level' | 'memLevel'>;
}

/** Where what the others did is done here. */
const instead: Readonly<Record<string, string>> = {
  verifyClient: 'refuse in a middleware before the route, or with `origins`',
  path: 'give app.ws its path',
  server: 'pass the server as the second argument',
};

/** Throws `UsageError` `WS_INVALID_OPTION` for an option that has no counterpart. */
export function fromWsOptions(
  { wsOptions = {} }: { readonly wsOptions?: WsOptions | undefined },
  limits: WebSocketOptions['limits'],
): Pick<WebSocketOptions, 'limits' | 'subprotocols' | 'compression'> {
  for (const [name, value] of Object.entries(wsOptions)) assertKnown(name, value);
  const { maxPayload, handleProtocols = first, perMessageDeflate = false } = wsOptions;
  return {
    compression: compressionOf(perMessageDeflate),
    limits: { ...limits, ...(maxPayload !== undefined && { maxMessageBytes: maxPayload }) },
    subprotocols: (offered, request) =>
      (offered.length > 0 && handleProtocols([...offered], request)) || undefined,
  };
}

function compressionOf(
  perMessageDeflate: boolean | WsDeflateOptions,
): boolean | CompressionOptions {
  if (typeof perMessageDeflate !== 'object') return perMessageDeflate;
  const { threshold, zlibDeflateOptions = {}, ...agreement } = perMessageDeflate;
  const { level, memLevel } = zlibDeflateOptions;
  return {
    ...agreement,
    ...(threshold !== undefined && { thresholdBytes: threshold }),
    ...(level !== undefined && { level }),
    ...(memLevel !== undefined && { memLevel }),
  };
}

const known = ['maxPayload', 'handleProtocols', 'perMessageDeflate'];

function assertKnown(name: string, value: unknown): void {
  if (value === undefined || known.includes(name)) return;
  const hint = instead[name] === undefined ? '' : `: ${instead[name]}`;
  throw new UsageError('WS_INVALID_OPTION', `wsOptions.${name} has no counterpart${hint}`);
}

function first(protocols: string[]): string | undefined {
  return protocols[0];
}

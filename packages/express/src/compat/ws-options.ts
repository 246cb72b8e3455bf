import type { IncomingMessage } from 'node:http';
import { UsageError } from '@heddle/node';
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
  /** There is no compression yet. */
  readonly perMessageDeflate?: false;
}

/** Where what the others did is done here. */
const instead: Readonly<Record<string, string>> = {
  verifyClient: 'refuse in a middleware before the route, or with `origins`',
  perMessageDeflate: 'permessage-deflate is not available yet',
  path: 'give app.ws its path',
  server: 'pass the server as the second argument',
};

/** Throws `UsageError` `WS_INVALID_OPTION` for an option that has no counterpart. */
export function fromWsOptions(
  { wsOptions = {} }: { readonly wsOptions?: WsOptions | undefined },
  limits: WebSocketOptions['limits'],
): Pick<WebSocketOptions, 'limits' | 'subprotocols'> {
  for (const [name, value] of Object.entries(wsOptions)) assertKnown(name, value);
  const { maxPayload, handleProtocols = first } = wsOptions;
  return {
    limits: { ...limits, ...(maxPayload !== undefined && { maxMessageBytes: maxPayload }) },
    subprotocols: (offered, request) =>
      (offered.length > 0 && handleProtocols([...offered], request)) || undefined,
  };
}

function assertKnown(name: string, value: unknown): void {
  if (value === undefined || name === 'maxPayload' || name === 'handleProtocols') return;
  if (name === 'perMessageDeflate' && value === false) return;
  const hint = instead[name] === undefined ? '' : `: ${instead[name]}`;
  throw new UsageError('WS_INVALID_OPTION', `wsOptions.${name} has no counterpart${hint}`);
}

function first(protocols: string[]): string | undefined {
  return protocols[0];
}

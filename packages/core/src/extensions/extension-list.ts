import { UsageError } from '../errors.ts';
import {
  type HeaderCursor,
  isToken,
  type Parameter,
  parseList,
  readParameters,
} from '../handshake/header-value.ts';
import { quote } from '../handshake/quotation.ts';

/**
 * The parameters of an extension, in their order. Pairs and not an object: a peer may name one
 * `__proto__`, or the same twice, and it is for the extension to refuse that. Values are tokens.
 */
export type ExtensionParameters = readonly Parameter[];

/** One element of `Sec-WebSocket-Extensions`: what a client offers, or a server answers. */
export interface ExtensionOffer {
  readonly name: string;
  readonly parameters: ExtensionParameters;
}

/** Parses `Sec-WebSocket-Extensions`, §9.1. Returns `undefined` if the value is malformed. */
export function parseExtensions(value: string): readonly ExtensionOffer[] | undefined {
  return parseList(value, readExtension);
}

/** extension = extension-token *( ";" extension-param ), §9.1. */
function readExtension(cursor: HeaderCursor): ExtensionOffer | undefined {
  const name = cursor.token();
  if (name === undefined) return undefined;
  const parameters = readParameters(cursor);
  // §9.1: a quoted value "after quoted-string unescaping MUST conform to the 'token' ABNF".
  if (!parameters?.every(([, text]) => text === undefined || isToken(text))) return undefined;
  return { name, parameters };
}

/**
 * Formats the value of `Sec-WebSocket-Extensions`, the opposite of `parseExtensions`. Throws
 * `UsageError` `WS_INVALID_OPTION` if a name or a value is no token: an extension of our caller's
 * made it, and no header field can carry it.
 */
export function formatExtensions(extensions: readonly ExtensionOffer[]): string {
  return extensions
    .map(({ name, parameters }) => [token(name), ...parameters.map(formatParameter)].join('; '))
    .join(', ');
}

function formatParameter([name, value]: Parameter): string {
  return value === undefined ? token(name) : `${token(name)}=${token(value)}`;
}

function token(text: string): string {
  if (isToken(text)) return text;
  throw new UsageError('WS_INVALID_OPTION', `an extension uses ${quote(text)}, which is no token`);
}

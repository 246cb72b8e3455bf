import { UsageError } from '../errors.ts';
import { isToken } from './header-value.ts';
import { quote } from './quotation.ts';

/**
 * The subprotocol to use: the first of `supported`, which is in the server's order of preference,
 * that the client offered. `undefined` if there is none: the connection then goes on without a
 * subprotocol (§4.2.2 step 4, /subprotocol/). Case matters: the RFC ignores it where it says so,
 * in `Upgrade` and `Connection`.
 */
export function selectSubprotocol(
  offered: readonly string[],
  supported: readonly string[],
): string | undefined {
  return supported.find((name) => offered.includes(name));
}

/**
 * Checks the subprotocols that our caller names: a list of tokens without repeats, §4.1 (10).
 * Throws `UsageError` `WS_INVALID_OPTION`.
 */
export function assertSubprotocols(names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) {
    throw new UsageError('WS_INVALID_OPTION', 'subprotocols must be a list of names');
  }
  const seen = new Set<unknown>();
  for (const name of names) {
    if (typeof name !== 'string' || !isToken(name)) {
      const given = quote(String(name));
      throw new UsageError(
        'WS_INVALID_OPTION',
        `subprotocol ${given} is not a token: letters, digits and !#$%&'*+-.^_\`|~`,
      );
    }
    if (seen.has(name)) {
      throw new UsageError('WS_INVALID_OPTION', `subprotocol ${quote(name)} is listed twice`);
    }
    seen.add(name);
  }
}

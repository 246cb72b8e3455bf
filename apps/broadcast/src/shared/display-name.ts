import { MAX_NAME_LENGTH } from './limits.ts';
import { toPlainText } from './plain-text.ts';

const SOMETHING_TO_SEE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Turns what somebody typed into a name to show. `undefined` if there is nothing to see, or more
 * than `MAX_NAME_LENGTH` characters.
 */
export function toDisplayName(input: string): string | undefined {
  const name = toPlainText(input);
  if (!SOMETHING_TO_SEE.test(name) || [...name].length > MAX_NAME_LENGTH) return undefined;
  return name;
}

import { countCharacters, MAX_NAME_LENGTH } from './limits.ts';

/**
 * Control characters, lone surrogates, spaces of no width, and what turns the direction of the text
 * around it: a name with them can look like somebody else's. The joiners stay (U+200C and U+200D):
 * Persian names and many emoji need them.
 */
const DECEPTIVE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

const SOMETHING_TO_SEE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Turns what somebody typed into a name to show. `undefined` if there is nothing to see, or more
 * than `MAX_NAME_LENGTH` characters.
 */
export function toDisplayName(input: string): string | undefined {
  const name = input.normalize('NFC').replace(/\s+/gu, ' ').replace(DECEPTIVE, '').trim();
  if (!SOMETHING_TO_SEE.test(name) || countCharacters(name) > MAX_NAME_LENGTH) return undefined;
  return name;
}

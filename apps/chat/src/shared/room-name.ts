import { countCharacters, MAX_ROOM_LENGTH } from './limits.ts';

/**
 * Turns what somebody typed or pasted into the name of a room as its URL has it: lower case,
 * letters and digits of any script, words joined by single dashes. `undefined` if nothing is left,
 * or more than `MAX_ROOM_LENGTH` characters.
 */
export function toRoomName(input: string): string | undefined {
  const name = input
    .normalize('NFC')
    .toLowerCase()
    .replace(/['’]/gu, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/gu, '');
  if (name === '' || countCharacters(name) > MAX_ROOM_LENGTH) return undefined;
  return name;
}

/** The path of a room's page: what people share. */
export function roomPath(room: string): string {
  return `/r/${encodeURIComponent(room)}`;
}

/** The most characters (Unicode code points) that one message may have. */
export const MAX_TEXT_LENGTH = 2_000;

/** The most characters (Unicode code points) that a name may have. */
export const MAX_NAME_LENGTH = 40;

/** The most characters (Unicode code points) that the name of a room may have. */
export const MAX_ROOM_LENGTH = 48;

/** How many messages `welcome` brings to a newcomer, and `history` at each step back. */
export const HISTORY_PAGE = 50;

/**
 * How many missed messages `welcome` brings to a page that comes back: less than a megabyte, also
 * when they are as long as they may be, so that a slow connection is not taken for a dead one. A page
 * that missed more starts over with the latest page, and reads what lies between by going back.
 */
export const MAX_CATCH_UP = 100;

/** How many characters a reader would count: code points, so that an emoji is not two of them. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

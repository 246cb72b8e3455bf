const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/**
 * How long to wait before the next try, after `failures` in a row (0 for a connection that had
 * worked): twice as long each time, up to 20 s. The second half of it is left to chance (`random` in
 * [0, 1)), so that the pages of a restarted server do not all come back at once.
 */
export function retryDelayMs(failures: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return Math.round((longest * (1 + random)) / 2);
}

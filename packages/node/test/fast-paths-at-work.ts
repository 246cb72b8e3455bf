import { fastPathsAllowed } from '../src/fast-paths.ts';

/** What this run of the tests is with: the whole suite runs with each value of `HEDDLE_FAST_PATHS`. */
const allowed = fastPathsAllowed();

/** Whether zlib is called synchronously. */
export const ZLIB_AT_ONCE = allowed !== 'none';

/** How much one read of a socket brings at most: Node's own, or what all share. */
export const READ_BYTES = allowed === 'all' ? 2 ** 18 : 2 ** 16;

/** Expects a result where zlib is called synchronously, and a promise of it elsewhere; resolves with it. */
export async function atOnce<T>(result: T | Promise<T>): Promise<T> {
  if (result instanceof Promise === ZLIB_AT_ONCE) {
    throw new Error(ZLIB_AT_ONCE ? 'This took a thread' : 'This was done at once');
  }
  return await result;
}

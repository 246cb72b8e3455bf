import { fastPath } from '../../src/compression/fast-path.ts';

/** Everything is to be the same whether zlib is called synchronously or by its documented API only. */
export const PATHS = [
  { path: 'the fast path', fast: true },
  { path: 'the documented API only', fast: false },
] as const;

// A test of the fast path that took the other one would prove nothing.
if (!fastPath()) throw new Error('This Node has no fast path, or HEDDLE_FAST_PATHS forbids it');

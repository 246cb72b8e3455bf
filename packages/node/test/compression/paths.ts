import { fastPath } from '../../src/compression/fast-path.ts';
import { ZLIB_AT_ONCE } from '../fast-paths-at-work.ts';

/** Everything is to be the same whether zlib is called synchronously or by its documented API only. */
export const PATHS = [
  ...(ZLIB_AT_ONCE ? [{ path: 'the fast path', fast: true }] : []),
  { path: 'the documented API only', fast: false },
];

// A test of the fast path that took the other one would prove nothing.
if (fastPath() !== ZLIB_AT_ONCE) throw new Error('This Node has no fast path');

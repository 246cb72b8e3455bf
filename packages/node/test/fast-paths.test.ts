import { afterEach, expect, it, vi } from 'vitest';
import { fastPathsAllowed } from '../src/fast-paths.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['0', 'none'],
  ['all', 'all'],
  ['1', 'proven'],
  ['', 'proven'],
  [undefined, 'proven'],
])('HEDDLE_FAST_PATHS=%s allows what it says: %s', (setting, allowed) => {
  vi.stubEnv('HEDDLE_FAST_PATHS', setting);
  expect(fastPathsAllowed()).toBe(allowed);
});

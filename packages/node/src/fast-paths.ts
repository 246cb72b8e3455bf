/**
 * What the environment variable `HEDDLE_FAST_PATHS` allows of what Node does not document: nothing
 * (`0`), everything (`all`), or what has proved to be safe, which is the default.
 */
export type FastPaths = 'none' | 'proven' | 'all';

/** What `setting`, or the environment, says. */
export function fastPathsAllowed(
  setting: string | undefined = process.env['HEDDLE_FAST_PATHS'],
): FastPaths {
  if (setting === '0') return 'none';
  return setting === 'all' ? 'all' : 'proven';
}

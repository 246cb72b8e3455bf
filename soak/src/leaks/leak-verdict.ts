import type { Footprint } from './footprint.ts';
import type { Lap } from './leak-run.ts';

/**
 * How much the heap may grow from a fifth of the run to its end: of 100,000 connections 13 bytes for each, less than
 * the smallest object. V8's own compiled code needs as much.
 */
export const HEAP_GROWTH_BYTES = 2 ** 20;

/** What the run has left that it should not; empty if nothing is. The first fifth fills pools and caches. */
export function leaksIn(laps: readonly Lap[]): readonly string[] {
  const [first, ...later] = laps;
  const last = later.at(-1);
  if (first === undefined || last === undefined) throw new Error('one lap shows no growth');
  return (['client', 'server'] as const).flatMap((side) =>
    growth(first[side], last[side]).map((what) => `the ${side}'s ${what}`),
  );
}

function growth(first: Footprint, last: Footprint): readonly string[] {
  const grown = Object.entries(last.counts)
    .map(([name, count]) => ({ name, count, before: first.counts[name] ?? 0 }))
    .filter(({ count, before }) => count > before)
    .map(({ name, count, before }) => `${name} grew from ${before} to ${count}`);
  if (last.heapBytes - first.heapBytes <= HEAP_GROWTH_BYTES) return grown;
  return [...grown, `heap grew from ${first.heapBytes} to ${last.heapBytes} bytes`];
}

import fc from 'fast-check';
import { type CorpusEntry, readCorpus, writeCorpus } from './corpus.ts';
import type { Coverage } from './coverage.ts';
import type { FuzzOptions } from './fuzz.ts';
import type { Target } from './target.ts';

/** Larger ones are not for a person to read. */
const MAX_CHARACTERS = 2_500;

/**
 * Has the corpus of a target grow by inputs that run what none before did. Returns the paths of the new
 * files. Rejects if one fails: that is for `fuzz` to find, and to make smaller.
 */
export async function grow(
  target: Target,
  { seconds, seed }: FuzzOptions,
  coverage: Coverage,
): Promise<readonly string[]> {
  const deadline = performance.now() + seconds * 1_000;
  for (const [, { input }] of readCorpus(target.name)) await target.check(input);
  await coverage.take();
  const written: string[] = [];
  const property = fc.asyncProperty(target.inputs, async (input) => {
    await target.check(input);
    if (JSON.stringify(input).length > MAX_CHARACTERS || !(await coverage.take())) return;
    const entry: CorpusEntry = { note: 'reaches what none before it did', seed, input };
    written.push(writeCorpus(target.name, `grown-${seed}-${written.length + 1}`, entry));
  });
  await fc.assert(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: deadline - performance.now(),
  });
  return written;
}

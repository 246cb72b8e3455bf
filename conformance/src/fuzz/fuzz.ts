import fc from 'fast-check';
import type { Target } from './target.ts';

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Begins with the case that fast-check names so: a failure's, to see it again. */
  readonly path?: string | undefined;
  /** At most so many cases. @default as many as there is time for */
  readonly cases?: number;
  /** A case that takes longer hangs, however busy the machine is. @default 10_000 */
  readonly caseMs?: number;
}

/** What a run of one target gave. */
export interface FuzzReport {
  readonly name: string;
  readonly seed: number;
  readonly cases: number;
  readonly failure: FuzzFailure | undefined;
}

export interface FuzzFailure {
  /** As small as it was possible to make it in the time. */
  readonly input: unknown;
  readonly path: string;
  readonly error: unknown;
}

/** A failing input is made smaller for so long at most, on top of the time that there was. */
const SHRINK_MS = 30_000;

/** Fuzzes one target, until the time is over or a case fails. */
export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seconds, seed, path, cases = Number.MAX_SAFE_INTEGER, caseMs = 10_000 } = options;
  const property = fc.asyncProperty(target.inputs, target.check);
  const found = await fc.check(property, {
    seed,
    numRuns: cases,
    interruptAfterTimeLimit: seconds * 1_000,
    endOnFailure: true,
    timeout: caseMs,
    ...(path !== undefined && { path }),
  });
  const report = { name: target.name, seed, cases: found.numRuns, failure: undefined };
  const { counterexamplePath } = found;
  if (counterexamplePath === null) return report;
  // The same once more, to make it smaller.
  const { counterexample, ...shrunk } = await fc.check(property, {
    seed,
    path: counterexamplePath,
    interruptAfterTimeLimit: SHRINK_MS,
    timeout: caseMs,
  });
  if (counterexample === null)
    throw new Error('it does not fail again', { cause: found.errorInstance });
  const [input] = counterexample;
  const failure = {
    input,
    path: shrunk.counterexamplePath ?? counterexamplePath,
    error: shrunk.errorInstance,
  };
  return { ...report, failure };
}

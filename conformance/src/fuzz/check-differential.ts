import { compareReadings } from './disagreement.ts';
import { type DifferenceName, explain } from './known-differences.ts';
import { formatReading } from './reading.ts';
import type { StreamCase } from './stream-case.ts';

/** The known difference that shows, if one does. Rejects if one shows that is not known. */
export async function findDifference(input: StreamCase): Promise<DifferenceName | undefined> {
  const disagreement = await compareReadings(input);
  if (disagreement === undefined) return undefined;
  const name = explain(disagreement);
  if (name !== undefined) return name;
  const { ours, theirs } = disagreement;
  throw new Error(`ours:\n${formatReading(ours)}\nof ws:\n${formatReading(theirs)}`);
}

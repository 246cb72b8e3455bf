import { concatBytes } from '@heddle/testing';
import fc from 'fast-check';
import { parseByteText } from './byte-text.ts';
import { someBytes } from './some-bytes.ts';

/** A change to bytes, at `at` modulo their number. What comes of it need not be wrong. */
export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: string }
  | { readonly kind: 'delete' | 'double'; readonly at: number; readonly count: number }
  | { readonly kind: 'truncate'; readonly at: number };

const at = fc.nat(300);
const count = fc.integer({ min: 1, max: 12 });

/** Mostly none: what is right must be read as well. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
        fc.record({ kind: fc.constant('insert' as const), at, bytes: someBytes(6) }),
        fc.record({ kind: fc.constantFrom('delete' as const, 'double' as const), at, count }),
        fc.record({ kind: fc.constant('truncate' as const), at }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

/** The bytes with the changes, one after the other, in memory of their own. */
export function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  return changes.reduce(mutateOnce, bytes.slice());
}

function mutateOnce(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const place = mutation.at % (bytes.byteLength + 1);
  const [before, behind] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (mutation.kind) {
    case 'flip':
      if (place < bytes.byteLength) bytes[place] = (bytes[place] ?? 0) ^ (1 << mutation.bit);
      return bytes;
    case 'insert':
      return concatBytes(before, parseByteText(mutation.bytes), behind);
    case 'delete':
      return concatBytes(before, behind.subarray(mutation.count));
    case 'double':
      return concatBytes(before, behind.subarray(0, mutation.count), behind);
    case 'truncate':
      return before;
  }
}

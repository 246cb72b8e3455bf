import fc from 'fast-check';

/** `usual`, or once in `every` times something else. */
export function seldom<T, U>(usual: T, every: number, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: every - 1, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: other },
  );
}

import type fc from 'fast-check';

/** What is fuzzed: how its inputs are made, and what must hold for each of them. */
export interface Target {
  /** Also the name of its folder in the corpus. */
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  /** Rejects if something does not hold. Takes what `inputs` makes, and what JSON has kept of that. */
  readonly check: (input: unknown) => Promise<void>;
}

export interface TargetOf<Input> {
  readonly name: string;
  /** Plain values that JSON keeps as they are. */
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws, or rejects, if something does not hold. */
  readonly check: (input: Input) => unknown;
}

/** A target among those of other inputs. */
export function defineTarget<Input>({ name, inputs, check }: TargetOf<Input>): Target {
  return { name, inputs, check: async (input) => void (await check(input as Input)) };
}

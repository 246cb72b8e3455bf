/**
 * Numbers that look random and are the same for the same seed: what has failed once can be run again.
 * It is xorshift32 (Marsaglia, 2003) started by a step of splitmix32, which spreads seeds that are alike.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    let state = (seed + 0x9e37_79b9) | 0;
    state = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    state = Math.imul(state ^ (state >>> 15), 0x735a_2d97);
    this.#state = state ^ (state >>> 15) || 1;
  }

  /** A whole number of 32 bits. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** From 0 to 1, without 1. */
  fraction(): number {
    return this.next() / 2 ** 32;
  }

  /** A whole number from 0 to `bound`, without `bound`. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** A whole number from 0 to `most`, each order of magnitude as likely as any other. */
  size(most: number): number {
    return Math.min(most, Math.round((most + 1) ** this.fraction() - 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const index = this.below(choices.length);
    if (index >= choices.length) throw new RangeError('there is nothing to pick from');
    return choices[index] as T;
  }

  bytes(byteLength: number): Buffer {
    const words = new Uint32Array(Math.ceil(byteLength / 4));
    for (let index = 0; index < words.length; index++) words[index] = this.next();
    return Buffer.from(words.buffer, 0, byteLength);
  }
}

/** The seed that the environment variable `SEED` asks for, or another one in each run. */
export function chooseSeed(): number {
  const given = process.env['SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}

/** How long answers took. One number is kept for each, for the median: at one a second, little. */
export class RoundTrips {
  readonly #ms: number[] = [];

  get count(): number {
    return this.#ms.length;
  }

  add(ms: number): void {
    this.#ms.push(ms);
  }

  /** Empty if there was none. */
  toString(): string {
    const sorted = this.#ms.toSorted((a, b) => a - b);
    const [min] = sorted;
    const max = sorted.at(-1);
    if (min === undefined || max === undefined) return '';
    return `round trip ${shown(min)} min, ${shown(medianOf(sorted))} median, ${shown(max)} max`;
  }
}

/** Milliseconds as they are shown. */
export function shown(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}

function medianOf(sorted: readonly number[]): number {
  const above = sorted[sorted.length >> 1] ?? 0;
  const below = sorted[(sorted.length - 1) >> 1] ?? 0;
  return (below + above) / 2;
}

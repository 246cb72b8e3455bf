/** How far back a rate looks. */
const WINDOW_MS = 3_000;

/** How fast something goes lately. It reads no clock: times are milliseconds that never go back. */
export class Rate {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** So many bytes have gone by now, counted from the start. */
  note(bytes: number, at: number): void {
    this.#samples.push({ bytes, at });
    while ((this.#samples[1]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
  }

  /** In bytes per second; `undefined` before there is enough to tell, and when nothing has gone lately. */
  perSecond(now: number): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at < now - WINDOW_MS) return undefined;
    const elapsedMs = last.at - first.at;
    return elapsedMs < 250 ? undefined : ((last.bytes - first.bytes) * 1_000) / elapsedMs;
  }
}

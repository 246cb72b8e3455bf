import { onTestFinished, vi } from 'vitest';

/** The timers that are set from now on until the end of the test. */
export class TimerWatch {
  readonly #set = vi.spyOn(globalThis, 'setTimeout');
  readonly #clear = vi.spyOn(globalThis, 'clearTimeout');

  constructor() {
    onTestFinished(() => {
      this.#set.mockRestore();
      this.#clear.mockRestore();
    });
  }

  /** What has become of the timers of so many milliseconds: a number that nobody else sets. */
  of(delayMs: number): ('cleared' | 'keeps the process' | 'waits')[] {
    const ours = this.#set.mock.calls.map(([, delay]) => delay === delayMs);
    const timers = this.#set.mock.results.map(({ value }) => value as NodeJS.Timeout);
    return timers
      .filter((_timer, index) => ours[index])
      .map((timer) => {
        if (this.#clear.mock.calls.some(([cleared]) => cleared === timer)) return 'cleared';
        return timer.hasRef() ? 'keeps the process' : 'waits';
      });
  }
}

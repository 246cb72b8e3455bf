import { expect } from 'vitest';
import type { Client } from '../client.ts';
import { delay } from './handlers.ts';

/** What must become so soon, though not at once; the last value is in the failure. */
export async function eventually<T>(
  observe: () => T | Promise<T>,
  expected: T,
  withinMs = 3_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const actual = await observe();
    if (performance.now() > deadline) return expect(actual).toEqual(expected);
    if (JSON.stringify(actual) === JSON.stringify(expected)) return;
    // No timer of ours runs while `observe` looks: it may be counting timers.
    await delay(10);
  }
}

/** What must happen soon: rejects, and says what did not, if it does not within three seconds. */
export async function soon<T>(promise: Promise<T>, what: string, withinMs = 3_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new Error(`${what} did not happen within ${withinMs} ms`));
    timer = setTimeout(fail, withinMs);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The code that a client's connection ends with, soon. */
export async function closeCodeOf(client: Client): Promise<number> {
  return (await soon(client.closed, 'The end of the connection')).code;
}

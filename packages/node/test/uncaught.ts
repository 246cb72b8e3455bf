import { afterAll, afterEach, beforeAll, expect } from 'vitest';

/** What ends a process, and what Node only warns of, such as leaked listeners. */
const EVENTS = ['uncaughtException', 'unhandledRejection', 'warning'] as const;

/**
 * Has every test of the file fail that leaves an error which nobody caught. Returns the list of them:
 * a test that wants one takes it off.
 */
export function expectNothingUncaught(): unknown[] {
  const uncaught: unknown[] = [];
  const listener = (what: unknown): void => {
    uncaught.push(what);
  };
  beforeAll(() => {
    for (const event of EVENTS) process.on(event, listener);
  });
  afterEach(async () => {
    // Rejections are told of at the end of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(uncaught.splice(0)).toEqual([]);
  });
  afterAll(() => {
    for (const event of EVENTS) process.off(event, listener);
  });
  return uncaught;
}

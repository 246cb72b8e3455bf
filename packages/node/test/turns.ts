/** Lets what is scheduled for this turn of the event loop, and for the next, happen. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

export function sleep(ms: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is so, for five seconds at most. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come to be`);
    await sleep(2);
  }
}

/** What a number is when it no longer changes: what the kernels take comes to rest. */
export async function atRest(read: () => number): Promise<number> {
  let value = -1;
  await until(() => {
    const before = value;
    value = read();
    return value === before;
  }, 'rest');
  return value;
}

/** What becomes of a promise within this turn: a value, an error, or `'pending'`. */
export async function settled(promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([
    promise.catch((error: unknown) => error),
    turn().then(() => 'pending'),
  ]);
}

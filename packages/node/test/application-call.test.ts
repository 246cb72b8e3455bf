import { describe, expect, it } from 'vitest';
import { callApplication } from '../src/application-call.ts';
import { expectNothingUncaught } from './uncaught.ts';

expectNothingUncaught();

describe('Calling the application', () => {
  it('happens at once', () => {
    const calls: string[] = [];
    void callApplication(() => calls.push('called'), fail);
    expect(calls).toEqual(['called']);
  });

  it('tells at once what it throws', () => {
    const failures: unknown[] = [];
    const call = () => {
      throw 'thrown';
    };
    void callApplication(call, (error) => failures.push(error));
    expect(failures).toEqual(['thrown']);
  });

  it('tells later what it rejects with, a thenable too', async () => {
    const failures: unknown[] = [];
    const note = (error: unknown) => failures.push(error);
    await callApplication(async () => await Promise.reject('rejected'), note);
    // biome-ignore lint/suspicious/noThenProperty: somebody's promises may look so.
    const thenable = { then: (_: unknown, reject: (error: unknown) => void) => reject('odd') };
    await callApplication(() => thenable, note);
    expect(failures).toEqual(['rejected', 'odd']);
  });

  it('resolves when what it does is done', async () => {
    let done = false;
    const call = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    };
    await callApplication(call, fail);
    expect(done).toBe(true);
  });
});

function fail(error: unknown): void {
  throw new Error('it does not fail', { cause: error });
}

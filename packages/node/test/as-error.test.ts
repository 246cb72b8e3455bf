import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { asError } from '../src/as-error.ts';

describe('What somebody threw, as an error', () => {
  it('is the error itself, also one of another realm', () => {
    const error = new TypeError('mine');
    const foreign: unknown = runInNewContext("new TypeError('theirs')");
    expect(asError(error)).toBe(error);
    expect(asError(foreign)).toBe(foreign);
  });

  it.each([
    ['a string', "'a string'"],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), '[Object: null prototype] {}'],
    [{ status: 404 }, '{ status: 404 }'],
  ])('tells what it was: %o', (thrown, message) => {
    expect(asError(thrown)).toBeInstanceOf(Error);
    expect(asError(thrown).message).toBe(message);
  });
});

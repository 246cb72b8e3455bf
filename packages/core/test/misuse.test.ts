import { describe, expect, it } from 'vitest';
import { misuses } from '../src/misuse.ts';

describe.each(Object.entries(misuses))('the misuse %s', (code, { message }) => {
  it('has a code that can be searched for and a message that begins a sentence', () => {
    expect(code).toMatch(/^WS(_[A-Z]+)+$/);
    expect(message).toMatch(/^[A-Z].*[^.:]$/);
  });
});

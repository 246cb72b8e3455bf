import { describe, expect, it } from 'vitest';
import { distinctFields } from '../src/header-fields.ts';

describe('distinctFields', () => {
  it('keeps every occurrence of a field, by lower-case name', () => {
    const raw = ['Host', 'a', 'host', 'b', 'X-One', '1'];
    expect(distinctFields(raw)).toEqual({ host: ['a', 'b'], 'x-one': ['1'] });
  });

  it('takes a field called __proto__ for a field (CVE-2026-21710 of Node)', () => {
    const fields = distinctFields(['__proto__', 'x', '__proto__', 'y', 'constructor', 'z']);
    expect(Object.entries(fields)).toEqual([
      ['__proto__', ['x', 'y']],
      ['constructor', ['z']],
    ]);
    expect(Object.getPrototypeOf(fields)).toBe(null);
  });

  it('leaves out a name without a value, which no parser makes', () => {
    expect(distinctFields(['A', '1', 'B'])).toEqual({ a: ['1'] });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExtensions } from '../../src/extensions/extension-list.ts';
import { hasToken, isToken, parseTokenList } from '../../src/handshake/header-value.ts';

const TOKEN_CHARACTERS = [
  ..."!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
];
const token = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1 });
const whitespace = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 });

describe('lists of tokens', () => {
  it('are read back whatever white space and empty elements stand between them', () => {
    const separator = fc
      .tuple(whitespace, fc.constantFrom(',', ',,', ', ,'), whitespace)
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(fc.tuple(token, separator), { minLength: 1 }), (elements) => {
        expect(parseTokenList(elements.flat().join(''))).toEqual(elements.map(([name]) => name));
      }),
    );
  });

  it('hold nothing but tokens, or are refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (value) => parseTokenList(value)?.every(isToken) ?? true,
      ),
    );
  });

  it('have a token that hasToken finds, in any case', () => {
    fc.assert(
      fc.property(fc.array(token), token, fc.array(token), (before, name, after) => {
        const value = [...before, name.toUpperCase(), ...after].join(',');
        return hasToken(value, name.toLowerCase());
      }),
    );
  });
});

/** Counts how often a parser looks at a character; a parser takes it for a string. */
class CountedString extends String {
  looks = 0;

  override charCodeAt(index: number): number {
    this.looks += 1;
    return super.charCodeAt(index);
  }

  override charAt(index: number): string {
    this.looks += 1;
    return super.charAt(index);
  }
}

describe('the worst 16 KiB that a peer can send', () => {
  // CVE-2020-7662 and CVE-2021-32640: `\c\c…` and spaces took time exponential and quadratic.
  const patterns = [
    '\\c',
    'a; b="\\c',
    ' ',
    '\t',
    ',',
    ', ',
    ' ,',
    ';',
    'a;',
    'a=',
    'a;b=',
    '"',
    '""',
    '\\',
    '=',
    'a,',
    'a ,',
    'a; b ,',
    'a;b="c";',
    'a  ',
  ];
  const prefixes = ['', 'a', 'a; b="', 'a; b=', 'a; b', ','];
  const worst = prefixes.flatMap((prefix) =>
    patterns.map((pattern) => prefix + pattern.repeat(16_384 / pattern.length)),
  );

  it.each([
    ['extensions', parseExtensions],
    ['tokens', parseTokenList],
  ])('are read as %s with no more than eight looks at each character', (_, parse) => {
    for (const value of worst) {
      const counted = new CountedString(value);
      parse(counted as unknown as string);
      expect(counted.looks, value.slice(0, 16)).toBeLessThanOrEqual(8 * value.length);
      expect(counted.looks).toBeGreaterThan(0);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatExtensions, parseExtensions } from '../../src/extensions/extension-list.ts';
import { isToken } from '../../src/handshake/header-value.ts';

const token = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'permessage-deflate'),
  fc.string({ unit: fc.constantFrom(..."aZ09!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 8 }),
);
const parameter = fc.tuple(token, fc.option(token, { nil: undefined }));
const extensions = fc.array(
  fc.record(
    { name: token, parameters: fc.array(parameter, { maxLength: 4 }) },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 4 },
);

describe('lists of extensions', () => {
  it('parse ∘ format is the identity', () => {
    fc.assert(
      fc.property(extensions, (list) => {
        expect(parseExtensions(formatExtensions(list))).toEqual(list);
      }),
    );
  });

  it('a value may be quoted, each of its characters with a backslash or without', () => {
    fc.assert(
      fc.property(token, token, fc.array(fc.boolean()), (name, value, escapes) => {
        const quoted = [...value].map((text, index) => (escapes[index] ? `\\${text}` : text));
        expect(parseExtensions(`x; ${name}="${quoted.join('')}"`)).toEqual([
          { name: 'x', parameters: [[name, value]] },
        ]);
      }),
    );
  });

  it('whatever comes is refused, or means the same once formatted', () => {
    const grammar = fc.string({ unit: fc.constantFrom(...'ab1;;,,==  \t""\\\u0000\u00e9') });
    fc.assert(
      fc.property(fc.oneof(grammar, fc.string({ unit: 'binary' })), (value) => {
        const list = parseExtensions(value);
        if (list === undefined) return;
        expect(parseExtensions(formatExtensions(list))).toEqual(list);
        for (const [name, text = 'none'] of list.flatMap(({ parameters }) => parameters)) {
          expect(isToken(name) && isToken(text)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  type ClientExtension,
  confirmExtensions,
  negotiateExtensions,
  type ServerExtension,
} from '../../src/extensions/extension.ts';
import { type ExtensionParameters, parseExtensions } from '../../src/extensions/extension-list.ts';

/** An extension that takes one parameter, `level`, of 1 to 3, and answers with it. */
function leveled(name: string, rsv: number): ServerExtension & ClientExtension {
  return {
    name,
    offers: () => [[['level', '3']], [['level', '1']]],
    accept: (parameters: ExtensionParameters) => {
      const [first, ...others] = parameters;
      const known = first?.[0] === 'level' && ['1', '2', '3'].includes(first[1] ?? '');
      if (!known || others.length > 0) return undefined;
      return { name: `${name}-${first[1]}`, rsv, parameters, extension: { name, rsv } };
    },
  };
}

const supported = [leveled('foo', 4), leveled('bar', 2), leveled('rival', 4), leveled('free', 0)];

function chosenFrom(value: string): string {
  const accepted = negotiateExtensions(parseExtensions(value) ?? [], supported);
  return accepted
    .map(({ extension: { name }, parameters }) => `${name}=${parameters[0]?.[1]}`)
    .join(' ');
}

describe('RFC 6455 §9.1, what a server accepts', () => {
  it('comes in the order of the client, not of the server', () => {
    expect(chosenFrom('bar; level=1, foo; level=2')).toBe('bar=1 foo=2');
  });

  it('is the first offer of an extension that is acceptable', () => {
    expect(chosenFrom('foo; level=9, foo; level=2, foo; level=1')).toBe('foo=2');
    // Where no bit is in dispute either.
    expect(chosenFrom('free; level=2, free; level=1')).toBe('free=2');
  });

  it('leaves out what it does not know', () => {
    expect(chosenFrom('mux, constructor, foo; level=1, __proto__; level=1')).toBe('foo=1');
    expect(chosenFrom('mux')).toBe('');
    expect(negotiateExtensions([], supported)).toEqual([]);
  });

  it('never holds two extensions that use the same reserved bit', () => {
    expect(chosenFrom('rival; level=1, foo; level=1, bar; level=1')).toBe('rival=1 bar=1');
  });

  it('may hold any number of extensions that use no reserved bit', () => {
    expect(chosenFrom('free; level=1, foo; level=1')).toBe('free=1 foo=1');
  });
});

describe('RFC 6455 §4.1 step 5, what a client makes of the answer', () => {
  function confirmed(value: string): string {
    const extensions = confirmExtensions(parseExtensions(value) ?? [], supported);
    return extensions.map(({ name }) => name).join(' ');
  }

  it("is the extensions in the server's order", () => {
    expect(confirmed('bar; level=1, foo; level=2')).toBe('bar-1 foo-2');
    expect(confirmExtensions([], supported)).toEqual([]);
  });

  it.each([
    ['mux', 'WS_ANSWER_EXTENSION_NOT_OFFERED', '"mux"'],
    ['foo; level=1, constructor', 'WS_ANSWER_EXTENSION_NOT_OFFERED', '"constructor"'],
    ['foo; level=1, foo; level=1', 'WS_ANSWER_EXTENSIONS', '"foo" is chosen twice'],
    ['foo; level=9', 'WS_ANSWER_EXTENSION_UNUSABLE', '"foo"'],
    ['foo; level=1, rival; level=1', 'WS_ANSWER_EXTENSION_UNUSABLE', '"rival"'],
  ])('is a failure for %j', (value, code, named) => {
    expect(() => confirmed(value)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(named) }),
    );
  });
});

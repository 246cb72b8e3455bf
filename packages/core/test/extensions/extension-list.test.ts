import { describe, expect, it } from 'vitest';
import { formatExtensions, parseExtensions } from '../../src/extensions/extension-list.ts';

describe('RFC 6455 §9.1, the list of extensions', () => {
  it('reads "foo" and "bar; baz=2" as one list', () => {
    expect(parseExtensions('foo, bar; baz=2')).toEqual([
      { name: 'foo', parameters: [] },
      { name: 'bar', parameters: [['baz', '2']] },
    ]);
  });

  it.each([
    ['deflate-stream', [{ name: 'deflate-stream', parameters: [] }]],
    [
      'mux; max-channels=4; flow-control, deflate-stream',
      [
        {
          name: 'mux',
          parameters: [
            ['max-channels', '4'],
            ['flow-control', undefined],
          ],
        },
        { name: 'deflate-stream', parameters: [] },
      ],
    ],
    ['private-extension', [{ name: 'private-extension', parameters: [] }]],
  ])('reads the example %j', (value, extensions) => {
    expect(parseExtensions(value)).toEqual(extensions);
  });

  it('reads a quoted value, which must hold a token', () => {
    expect(parseExtensions('a; b="2"')).toEqual([{ name: 'a', parameters: [['b', '2']] }]);
    expect(parseExtensions('a; b="\\1\\5"')).toEqual([{ name: 'a', parameters: [['b', '15']] }]);
    expect(parseExtensions('a; b=""')).toBeUndefined();
    expect(parseExtensions('a; b="1 2"')).toBeUndefined();
    expect(parseExtensions('a; b="1,2"')).toBeUndefined();
  });

  it('reads several offers of one extension, and names that every object has', () => {
    const value = 'a; x=1, a, __proto__; constructor=1; __proto__';
    expect(parseExtensions(value)).toEqual([
      { name: 'a', parameters: [['x', '1']] },
      { name: 'a', parameters: [] },
      {
        name: '__proto__',
        parameters: [
          ['constructor', '1'],
          ['__proto__', undefined],
        ],
      },
    ]);
  });

  it.each(['', ',', ';', 'a;', 'a; b=', 'a; b="', '"a"', 'a b', 'a; b c', 'a=1', 'a, ;b'])(
    'refuses %j',
    (value) => {
      expect(parseExtensions(value)).toBeUndefined();
    },
  );
});

describe('a list of extensions that we send', () => {
  it('is formatted on one line', () => {
    const extensions = parseExtensions('mux;max-channels="4" ;flow-control,,deflate-stream');
    expect(formatExtensions(extensions ?? [])).toBe(
      'mux; max-channels=4; flow-control, deflate-stream',
    );
  });

  it.each([
    { name: 'a b', parameters: [] },
    { name: '', parameters: [] },
    { name: 'a', parameters: [['b\r\nX', undefined]] as const },
    { name: 'a', parameters: [['b', 'c d']] as const },
    { name: 'a', parameters: [['b', '']] as const },
  ])('holds tokens only: %j is refused', (extension) => {
    expect(() => formatExtensions([extension])).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'WS_INVALID_OPTION' }),
    );
  });

  it('names what is no token', () => {
    expect(() => formatExtensions([{ name: 'a b', parameters: [] }])).toThrow(
      'an extension uses "a b", which is no token',
    );
  });
});

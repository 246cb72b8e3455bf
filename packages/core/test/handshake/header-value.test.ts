import { describe, expect, it } from 'vitest';
import {
  equalsIgnoringCase,
  HeaderCursor,
  hasToken,
  isToken,
  parseTokenList,
  readParameters,
  trimWhitespace,
} from '../../src/handshake/header-value.ts';

describe('RFC 9110 §5.6.1, lists', () => {
  it.each([
    ['chat', ['chat']],
    ['chat, superchat', ['chat', 'superchat']],
    ['chat,superchat', ['chat', 'superchat']],
    ['\tchat \t,\t superchat ', ['chat', 'superchat']],
    ['constructor, __proto__', ['constructor', '__proto__']],
  ])('reads the elements of %j', (value, tokens) => {
    expect(parseTokenList(value)).toEqual(tokens);
  });

  it.each([
    ['foo ,bar,', ['foo', 'bar']],
    ['foo , ,bar,charlie', ['foo', 'bar', 'charlie']],
    [',foo', ['foo']],
    [' , ,,\t,foo', ['foo']],
  ])('ignores the empty elements of %j', (value, tokens) => {
    expect(parseTokenList(value)).toEqual(tokens);
  });

  it.each(['', ' ', ',', ',   ,'])('needs one element at least: %j has none', (value) => {
    expect(parseTokenList(value)).toBeUndefined();
  });

  it.each([
    'a b',
    'a;b',
    '"a"',
    'a, "b"',
    'a/b',
    'a=b',
    'a, caf\u00e9',
    'a\u0000',
    'a, \u00a0b',
    '\r\na',
  ])('refuses what is no list of tokens: %j', (value) => {
    expect(parseTokenList(value)).toBeUndefined();
  });
});

describe('RFC 9110 §5.6.2, tokens', () => {
  it('may have every letter and digit and 15 other characters', () => {
    const allowed = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).filter(
      isToken,
    );
    expect(allowed.join('')).toBe(
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
    );
  });

  it('are not empty and stand alone', () => {
    expect(isToken('')).toBe(false);
    expect(isToken('chat v2')).toBe(false);
    expect(isToken('chat.v2')).toBe(true);
  });
});

describe('RFC 9110 §5.6.4, quoted strings', () => {
  it.each([
    ['"8"', '8'],
    ['""', ''],
    ['"a b\tc"', 'a b\tc'],
    ['"\\1\\0"', '10'],
    ['"a\\"b\\\\"', 'a"b\\'],
    ['"caf\u00e9"', 'caf\u00e9'],
    ['"a, b; c=d"', 'a, b; c=d'],
  ])('unescapes %j', (value, text) => {
    const cursor = new HeaderCursor(value);
    expect(cursor.quotedString()).toBe(text);
    expect(cursor.atEnd).toBe(true);
  });

  it('may have a tab and every byte that is no control character', () => {
    const allowed = Array.from({ length: 0x180 }, (_, code) => code).filter(
      (code) => new HeaderCursor(`"\\${String.fromCharCode(code)}"`).quotedString() !== undefined,
    );
    const range = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index);
    expect(allowed).toEqual([0x09, ...range(0x20, 0x7e), ...range(0x80, 0xff)]);
  });

  it.each(['', 'a', '"', '"a', '"a\\', '"a\\"', '"\u0000"', '"\u007f"', '"\\\n"', '"\u0100"'])(
    'refuses %j',
    (value) => {
      expect(new HeaderCursor(value).quotedString()).toBeUndefined();
    },
  );
});

describe('RFC 9110 §5.6.6, parameters', () => {
  it.each<[string, readonly (readonly [string, string | undefined])[]]>([
    ['', []],
    [';a', [['a', undefined]]],
    [
      '; a=1; b="2"',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      ';a;a=1',
      [
        ['a', undefined],
        ['a', '1'],
      ],
    ],
    ['; __proto__=x', [['__proto__', 'x']]],
  ])('reads %j in order, repeated ones too', (value, parameters) => {
    expect(readParameters(new HeaderCursor(value))).toEqual(parameters);
  });

  it('accepts white space around "=", as the implied *LWS of RFC 6455 §9.1 allows', () => {
    expect(readParameters(new HeaderCursor(' ; a = 1'))).toEqual([['a', '1']]);
  });

  it('stops before what is no parameter', () => {
    const cursor = new HeaderCursor('; a=1 , next');
    expect(readParameters(cursor)).toEqual([['a', '1']]);
    expect(cursor.take(',')).toBe(true);
  });

  it.each([';', '; ;a', ';=1', ';a=', ';a=;b', ';a="1', ';"a"'])('refuses %j', (value) => {
    expect(readParameters(new HeaderCursor(value))).toBeUndefined();
  });
});

describe('the tokens of Connection and Upgrade', () => {
  it.each([
    'Upgrade',
    'upgrade',
    'UPGRADE',
    'keep-alive, Upgrade',
    'keep-alive,upgrade ,x',
    '\tupgrade\t',
    'HTTP/2.0, "x", upgrade',
  ])('are found whatever their case and their neighbours: %j', (value) => {
    expect(hasToken(value, 'upgrade')).toBe(true);
  });

  it.each(['', 'close', 'upgraded', 'up grade', 'upgrade/1', '\u00a0upgrade', '"upgrade"'])(
    'are not found in %j',
    (value) => {
      expect(hasToken(value, 'upgrade')).toBe(false);
    },
  );

  it('ignore the case of ASCII letters only: the Kelvin sign is no k', () => {
    expect(equalsIgnoringCase('WebSocKet', 'websocket')).toBe(true);
    expect(equalsIgnoringCase('WebSoc\u212aet', 'websocket')).toBe(false);
    expect(equalsIgnoringCase('@', '`')).toBe(false);
    expect(equalsIgnoringCase('[', '{')).toBe(false);
    expect(equalsIgnoringCase('AZ', 'az')).toBe(true);
  });
});

describe('optional white space, RFC 9110 §5.6.3', () => {
  it('is spaces and tabs', () => {
    expect(trimWhitespace(' \ta b\t ')).toBe('a b');
    expect(trimWhitespace(' \t ')).toBe('');
    expect(trimWhitespace('')).toBe('');
    expect(trimWhitespace('\u00a0a\n')).toBe('\u00a0a\n');
  });
});

import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  describeField,
  fieldList,
  fieldValues,
  type HeaderFields,
} from '../../src/handshake/header-fields.ts';

describe('the header fields of a message', () => {
  it('are those of Node, as headers and as headersDistinct', () => {
    const headers: IncomingHttpHeaders = { host: 'example.org', 'set-cookie': ['a', 'b'] };
    const distinct: NodeJS.Dict<string[]> = { host: ['example.org'] };
    expect(fieldValues(headers, 'Host')).toEqual(['example.org']);
    expect(fieldValues(headers, 'Set-Cookie')).toEqual(['a', 'b']);
    expect(fieldValues(distinct, 'Host')).toEqual(['example.org']);
  });

  it('have no white space around their values', () => {
    expect(fieldValues({ upgrade: ' \twebsocket ' }, 'Upgrade')).toEqual(['websocket']);
  });

  it('may all be absent', () => {
    expect(fieldValues({}, 'Upgrade')).toEqual([]);
    expect(fieldValues({ upgrade: undefined }, 'Upgrade')).toEqual([]);
    expect(fieldList({}, 'Upgrade')).toBeUndefined();
    expect(fieldList({ upgrade: [] }, 'Upgrade')).toBeUndefined();
  });

  it('are their own: what every object inherits is none', () => {
    const inherited: HeaderFields = Object.create({ upgrade: 'websocket' });
    expect(fieldValues(inherited, 'Upgrade')).toEqual([]);
    expect(fieldValues({}, 'constructor')).toEqual([]);
    expect(fieldValues({}, '__proto__')).toEqual([]);
  });

  it('mean the same when split over several lines, RFC 6455 §9.1 and RFC 9110 §5.3', () => {
    const split = { 'sec-websocket-extensions': ['foo', 'bar; baz=2'] };
    const combined = { 'sec-websocket-extensions': 'foo, bar; baz=2' };
    expect(fieldList(split, 'Sec-WebSocket-Extensions')).toBe('foo, bar; baz=2');
    expect(fieldList(combined, 'Sec-WebSocket-Extensions')).toBe('foo, bar; baz=2');
  });
});

describe('what an error says of a field', () => {
  it('is its value, or that there is none, or that there are several', () => {
    expect(describeField({ host: 'a\n' }, 'Host')).toBe('Host was "a\\u{a}"');
    expect(describeField({}, 'Host')).toBe('Host did not come');
    expect(describeField({ host: ['a', 'b'] }, 'Host')).toBe('Host came 2 times');
  });
});

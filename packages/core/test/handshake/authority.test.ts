import { describe, expect, it } from 'vitest';
import { parseAuthority } from '../../src/handshake/authority.ts';

describe('RFC 9110 §7.2, the server that Host names', () => {
  it.each([
    ['example.org', 'example.org', undefined],
    ['example.org:8080', 'example.org', 8080],
    ['Example.ORG', 'example.org', undefined],
    ['EXAMPLE.Org:443', 'example.org', 443],
    ['localhost:0', 'localhost', 0],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', undefined],
    ['a_b.example', 'a_b.example', undefined],
    ['[::1]', '[::1]', undefined],
    ['[::]:80', '[::]', 80],
    ['[2001:DB8::1]:8080', '[2001:db8::1]', 8080],
    ['[::ffff:192.0.2.1]:80', '[::ffff:192.0.2.1]', 80],
  ])('is read from %j', (value, host, port) => {
    expect(parseAuthority(value)).toEqual({ host, port });
  });

  it('has the default port if its port is empty', () => {
    expect(parseAuthority('example.org:')).toEqual({ host: 'example.org', port: undefined });
    expect(parseAuthority('[::1]:')).toEqual({ host: '[::1]', port: undefined });
  });

  it.each([
    '',
    ':',
    ':80',
    'a b',
    'a/b',
    'user@example.org',
    'a?b',
    'a#b',
    'a\\b',
    'a:b',
    'a:80:80',
    'a:-1',
    'a:+1',
    'a:1e3',
    'a: 80',
    'a:65536',
    'a:000080',
    '::1',
    '[',
    ']',
    '[]',
    '[]:80',
    '[abcd',
    'abcd]',
    '[::1',
    '[::1]x',
    '[::1]x:80',
    '[::1]]',
    '[example.org]',
    '[::1%25eth0]',
    'caf\u00e9',
    'a\u0000',
    'a,b',
    '*.example.org',
  ])('is not read from %j', (value) => {
    expect(parseAuthority(value)).toBeUndefined();
  });
});

import { UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { readUrl } from '../../src/client/client-url.ts';

describe('RFC 6455 §3, WebSocket URIs', () => {
  it.each([
    ['ws://example.org/chat', false, 80, 'example.org'],
    ['wss://example.org/chat', true, 443, 'example.org'],
    ['http://example.org:8080/chat', false, 8080, 'example.org:8080'],
    ['https://example.org:80/chat', true, 80, 'example.org:80'],
    ['ws://example.org:80/chat', false, 80, 'example.org'],
    ['WSS://EXAMPLE.org:443/chat', true, 443, 'example.org'],
  ])('%s: scheme and port', (url, secure, port, authority) => {
    expect(readUrl(url)).toMatchObject({ secure, port, authority, host: 'example.org' });
  });

  it('asks for path and query, and for / where there is no path', () => {
    expect(readUrl('ws://h/a%20b?c=d e').path).toBe('/a%20b?c=d%20e');
    expect(readUrl('ws://h').path).toBe('/');
    expect(readUrl('ws://h?x').path).toBe('/?x');
  });

  it('has the brackets of an IPv6 address in Host alone', () => {
    expect(readUrl('ws://[::1]:9/')).toMatchObject({ host: '::1', authority: '[::1]:9' });
  });

  it('asks TLS for names, never for addresses (RFC 6066 §3)', () => {
    expect(readUrl('wss://example.org/').servername).toBe('example.org');
    expect(readUrl('wss://127.0.0.1/').servername).toBeUndefined();
    expect(readUrl('wss://[::1]/').servername).toBeUndefined();
  });

  it('makes Authorization of a user name and a password (RFC 7617)', () => {
    const decode = (url: string): string =>
      Buffer.from((readUrl(url).authorization ?? '').slice('Basic '.length), 'base64').toString();
    expect(decode('ws://me:p%40ss%3A%C3%A9@h/')).toBe('me:p@ss:é');
    expect(decode('ws://me@h/')).toBe('me:');
    expect(decode('ws://:secret@h/')).toBe(':secret');
    expect(readUrl('ws://h/').authorization).toBeUndefined();
  });

  it.each([
    ['ftp://example.org/', /must be ws: or wss:/],
    ['/chat', /must be an absolute URL/],
    ['', /must be an absolute URL/],
    ['ws://', /must be an absolute URL/],
    ['ws://h/#there', /without a fragment/],
    // WHATWG's parser reports no hash here.
    ['ws://h/#', /without a fragment/],
    ['ws://%FF@h/', /user name and password/],
  ])('refuses %s', (url, message) => {
    expect(() => readUrl(url)).toThrow(UsageError);
    expect(() => readUrl(url)).toThrow(message);
  });

  it('takes a URL object, and is not moved when that changes', () => {
    const url = new URL('ws://h/a');
    const target = readUrl(url);
    url.pathname = '/b';
    expect(target.path).toBe('/a');
    expect(() => readUrl(new URL('ftp://h/'))).toThrow(UsageError);
  });

  it('shows no password in its errors', () => {
    expect(() => readUrl('ftp://me:secret@h/')).toThrow(/not ftp:\/\/…@h\//);
    expect(() => readUrl('ws://me:secret@h/#x')).not.toThrow(/secret/);
  });
});

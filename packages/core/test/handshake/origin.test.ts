import { describe, expect, it } from 'vitest';
import {
  assertOriginRule,
  isAllowedOrigin,
  type OriginRule,
  refuseOrigin,
} from '../../src/handshake/origin.ts';

describe('only pages of the same host and port may connect, by default', () => {
  it.each([
    ['https://example.org', 'example.org'],
    ['http://example.org', 'example.org'],
    ['http://example.org:8080', 'example.org:8080'],
    ['http://localhost:3000', 'localhost:3000'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['https://[2001:db8::1]', '[2001:DB8::1]'],
  ])('lets a page of %s connect to %s', (origin, host) => {
    expect(isAllowedOrigin('same', origin, host)).toBe(true);
  });

  it.each([
    ['https://evil.example', 'example.org'],
    ['https://example.org.evil.example', 'example.org'],
    ['https://evil-example.org', 'example.org'],
    ['https://sub.example.org', 'example.org'],
    ['http://localhost:3000', 'localhost:3001'],
    ['http://localhost:3000', 'localhost'],
    ['http://localhost', 'localhost:3000'],
    ['http://[::1]:3000', '[::2]:3000'],
  ])('stops a page of %s on its way to %s', (origin, host) => {
    expect(isAllowedOrigin('same', origin, host)).toBe(false);
  });

  it.each([
    ['https://EXAMPLE.org', 'example.ORG'],
    ['HTTPS://example.org', 'example.org'],
  ])('ignores case: %s and %s', (origin, host) => {
    expect(isAllowedOrigin('same', origin, host)).toBe(true);
  });

  it.each([
    ['https://example.org', 'example.org:443'],
    ['http://example.org', 'example.org:80'],
    ['https://example.org:443', 'example.org'],
    ['http://example.org:80', 'example.org'],
    ['https://example.org', 'example.org:'],
  ])('takes a default port for none: %s and %s', (origin, host) => {
    expect(isAllowedOrigin('same', origin, host)).toBe(true);
  });

  it('ignores the scheme, as a proxy may end TLS and pass on to port 80', () => {
    expect(isAllowedOrigin('same', 'https://example.org', 'example.org:80')).toBe(true);
  });

  it('lets in who sends no Origin: it is no browser, RFC 6455 §4.2.1 (7)', () => {
    expect(isAllowedOrigin('same', undefined, 'example.org')).toBe(true);
  });

  it('stops the origin null, of a sandboxed frame or a local file', () => {
    expect(isAllowedOrigin('same', 'null', 'null')).toBe(false);
  });

  it.each([
    '',
    'example.org',
    '//example.org',
    '://example.org',
    'https:example.org',
    'https:/example.org',
    'https://',
    'https://example.org/',
    'https://example.org/chat',
    'https://user@example.org',
    'https://example.org, https://example.org',
    'https://example.org https://example.org',
    '1https://example.org',
    'ht tps://example.org',
    'h_ttp://example.org',
    'https://example.org\u0000',
  ])('stops the malformed origin %j', (origin) => {
    expect(isAllowedOrigin('same', origin, 'example.org')).toBe(false);
  });

  it('stops every page if Host is malformed', () => {
    expect(isAllowedOrigin('same', 'https://example.org', 'user@example.org')).toBe(false);
  });
});

describe('pages of the listed origins may connect', () => {
  const rule = ['https://example.org', 'http://localhost:3000', 'app://desktop'];

  it.each([
    'https://example.org',
    'https://example.org:443',
    'HTTPS://EXAMPLE.ORG',
    'http://localhost:3000',
    'app://desktop',
  ])('lets in %s', (origin) => {
    expect(isAllowedOrigin(rule, origin, 'other.example')).toBe(true);
  });

  it.each([
    'http://example.org',
    'https://example.org:80',
    'https://example.org:8443',
    'http://localhost',
    'https://www.example.org',
    'app://desktop:80',
    'null',
    'example.org',
  ])('stops %s, even if it is the same host', (origin) => {
    expect(isAllowedOrigin(rule, origin, 'www.example.org')).toBe(false);
  });

  it('compares after the entries are normalised, too', () => {
    expect(isAllowedOrigin(['HTTP://Example.org:80'], 'http://example.org', 'x')).toBe(true);
  });

  it('matches no page with an entry that is no origin', () => {
    expect(isAllowedOrigin(['null', 'example.org'], 'null', 'example.org')).toBe(false);
    expect(isAllowedOrigin(['example.org'], 'https://example.org', 'example.org')).toBe(false);
  });
});

describe('other rules about origins', () => {
  it('lets in every page with "*", null too', () => {
    expect(isAllowedOrigin('*', 'https://evil.example', 'example.org')).toBe(true);
    expect(isAllowedOrigin('*', 'null', 'example.org')).toBe(true);
    expect(isAllowedOrigin('*', undefined, 'example.org')).toBe(true);
  });

  it('asks a function, with the origin as it came', () => {
    const asked: string[] = [];
    const rule: OriginRule = (origin) => {
      asked.push(origin);
      return origin.endsWith('.example.org');
    };
    expect(isAllowedOrigin(rule, 'https://a.example.org', 'x')).toBe(true);
    expect(isAllowedOrigin(rule, 'null', 'x')).toBe(false);
    expect(isAllowedOrigin(rule, undefined, 'x')).toBe(true);
    expect(asked).toEqual(['https://a.example.org', 'null']);
  });

  it('does not take the promise of an async function for a yes', () => {
    const rule = (() => Promise.resolve(false)) as unknown as OriginRule;
    expect(isAllowedOrigin(rule, 'https://evil.example', 'x')).toBe(false);
  });

  it.each([['same'], ['*'], [[]], [['https://example.org', 'http://[::1]:3000']], [() => true]])(
    'are accepted as an option: %s',
    (rule) => {
      expect(() => assertOriginRule(rule)).not.toThrow();
    },
  );

  it.each([
    [['example.org'], '"example.org"'],
    [['https://example.org/'], '"https://example.org/"'],
    [['https://*.example.org'], '"https://*.example.org"'],
    [['https://b\u00fccher.example'], '"https://b\\u{fc}cher.example"'],
    [['https://example.org', 'null'], '"null"'],
    [[7], '"7"'],
  ])('name the entry that no page could match: %j', (rule, named) => {
    expect(() => assertOriginRule(rule)).toThrow(
      expect.objectContaining({
        code: 'WS_INVALID_OPTION',
        message: `Invalid option: origins lists ${named}, which is no origin such as https://example.org`,
      }),
    );
  });

  it.each(['all', true, undefined, {}])('are refused if they are %j', (rule) => {
    expect(() => assertOriginRule(rule)).toThrow('Invalid option: origins must be');
  });
});

describe('RFC 6455 §10.2, the refusal of a page', () => {
  it('is a 403 that names both sides', () => {
    expect(refuseOrigin('https://evil.example', 'example.org')).toMatchObject({
      code: 'WS_HANDSHAKE_ORIGIN',
      status: 403,
      message: expect.stringContaining(
        'Origin was "https://evil.example" and Host "example.org" (RFC 6455 §10.2)',
      ),
    });
  });

  it('says so if there is no origin', () => {
    expect(refuseOrigin(undefined, 'example.org').message).toContain('no Origin came');
  });
});

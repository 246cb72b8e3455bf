import { describe, expect, it } from 'vitest';
import { acceptKey, isHandshakeKey } from '../../src/handshake/accept-key.ts';
import { sha1 } from './rfc-example.ts';

describe('RFC 6455 §4.2.2, the proof that the server read the key', () => {
  it('is the base64 of the SHA-1 of the key and the GUID', () => {
    expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==', sha1)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('hashes the key as text: "258EAFA5-…" is appended to its base64', () => {
    const hashed: string[] = [];
    acceptKey('dGhlIHNhbXBsZSBub25jZQ==', (ascii) => {
      hashed.push(ascii);
      return sha1(ascii);
    });
    expect(hashed).toEqual(['dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11']);
  });
});

describe('RFC 6455 §4.2.1 (5), a base64-encoded value that is 16 bytes in length', () => {
  it.each(['dGhlIHNhbXBsZSBub25jZQ==', 'AAAAAAAAAAAAAAAAAAAAAA==', '/////////////////////w=='])(
    'accepts %s',
    (value) => {
      expect(isHandshakeKey(value)).toBe(true);
    },
  );

  it('accepts the example of §4.1 (7), whose spare bits are not zero', () => {
    expect(isHandshakeKey('AQIDBAUGBwgJCgsMDQ4PEC==')).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['15 bytes', 'AAAAAAAAAAAAAAAAAAAA'],
    ['17 bytes', 'AAAAAAAAAAAAAAAAAAAAAAA='],
    ['no padding', 'AAAAAAAAAAAAAAAAAAAAAA'],
    ['24 characters without padding', 'AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['padding inside', 'AAAAAAAAAAAA==AAAAAAAA=='],
    ['the alphabet of URLs', '_-AAAAAAAAAAAAAAAAAAAA=='],
    ['white space', ' AAAAAAAAAAAAAAAAAAAAA=='],
    ['two keys in one', 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=='],
  ])('refuses %s', (_, value) => {
    expect(isHandshakeKey(value)).toBe(false);
  });
});

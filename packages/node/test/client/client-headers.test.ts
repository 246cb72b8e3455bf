import { UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { mergeHeaders, streamHeaders } from '../../src/client/client-headers.ts';

const handshake = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': 'k' };
const defaults = { Host: 'example.org', Authorization: 'Basic eA==' };

describe("the header fields of a client's request", () => {
  it('are those of the handshake, the defaults and the given ones', () => {
    const given = { Origin: 'https://example.org', 'X-List': ['1', '2'] };
    expect(mergeHeaders(handshake, defaults, given)).toEqual({
      ...handshake,
      ...defaults,
      ...given,
    });
  });

  it('lets given ones replace the defaults, in whatever case', () => {
    const merged = mergeHeaders(handshake, defaults, { host: 'other', AUTHORIZATION: 'Bearer x' });
    expect(merged).toEqual({ ...handshake, host: 'other', AUTHORIZATION: 'Bearer x' });
  });

  it.each([
    'Upgrade',
    'connection',
    'Sec-WebSocket-Key',
    'sec-websocket-protocol',
    'Sec-WebSocket-Anything',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
  ])('refuses %s, which would change the handshake', (name) => {
    expect(() => mergeHeaders(handshake, defaults, { [name]: 'x' })).toThrow(UsageError);
    expect(() => mergeHeaders(handshake, defaults, { [name]: 'x' })).toThrow(name);
  });

  it.each([
    ['a space', { 'X Y': 'z' }],
    ['a line break', { 'X-Y': 'a\r\nUpgrade: h2c' }],
    ['a line break in a list', { 'X-Y': ['a', 'b\n'] }],
  ])('refuses %s, which no field can carry', (_what, given) => {
    expect(() => mergeHeaders(handshake, defaults, given)).toThrow(UsageError);
  });
});

describe('the header fields of a request over HTTP/2', () => {
  it('have names in lower case, RFC 9113 §8.2, and no white space around their values', () => {
    expect(streamHeaders({ 'X-One': ' a\t', 'x-LIST': [' b', 'c '] })).toEqual({
      'x-one': 'a',
      'x-list': ['b', 'c'],
    });
  });

  it('say Host as :authority, RFC 9113 §8.3.1, and leave pseudo-header fields alone', () => {
    const merged = mergeHeaders({ ':method': 'CONNECT' }, defaults, { HOST: 'other' });
    expect(streamHeaders(merged)).toEqual({
      ':method': 'CONNECT',
      ':authority': 'other',
      authorization: 'Basic eA==',
    });
  });
});

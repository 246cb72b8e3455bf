import { describe, expect, it } from 'vitest';
import { textBytes } from '../src/bytes.ts';
import { acceptFor, encodeHandshake, encodeRequest, SAMPLE_KEY } from '../src/handshake.ts';

describe('RFC 6455 §4.1, handshakes to build', () => {
  it('answers the key of §1.3 as §1.3 does', () => {
    expect(acceptFor(SAMPLE_KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('builds a right one from nothing', () => {
    expect(lines(encodeHandshake({}, 'example.org'))).toEqual([
      'GET / HTTP/1.1',
      'Host: example.org',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${SAMPLE_KEY}`,
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ]);
  });

  it('replaces, repeats, adds and leaves out fields', () => {
    const headers = {
      Host: undefined,
      Upgrade: ['a', 'b'],
      'Sec-WebSocket-Key': '',
      Origin: 'null',
    };
    expect(lines(encodeHandshake({ headers }, 'example.org'))).toEqual([
      'GET / HTTP/1.1',
      'Upgrade: a',
      'Upgrade: b',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: ',
      'Sec-WebSocket-Version: 13',
      'Origin: null',
      '',
      '',
    ]);
  });

  it('builds a plain request, and what follows it', () => {
    const followedBy = textBytes('12345');
    const request = { method: 'POST', path: '/a?b', version: 'HTTP/1.0', followedBy };
    expect(lines(encodeRequest(request))).toEqual(['POST /a?b HTTP/1.0', '', '12345']);
  });
});

function lines(bytes: Uint8Array): string[] {
  return Buffer.from(bytes).toString().split('\r\n');
}

import { type HandshakeDescription, textBytes } from '@heddle/testing';

/** A request, and what a server must say to it. */
export interface JudgedRequest extends HandshakeDescription {
  readonly status: number;
}

/** Handshakes of which one thing is wrong, or everything. */
export const wrongRequests: readonly JudgedRequest[] = [
  { status: 405, method: 'POST' },
  { status: 405, method: 'DELETE' },
  { status: 400, version: 'HTTP/1.0' },
  { status: 400, version: 'HTTP/9.9' },
  { status: 400, headers: { Host: undefined } },
  { status: 400, headers: { Host: ['localhost', 'localhost'] } },
  { status: 404, headers: { Upgrade: 'h2c' } },
  { status: 404, headers: { Upgrade: undefined } },
  { status: 404, headers: { Connection: 'keep-alive' } },
  { status: 400, headers: { 'Sec-WebSocket-Version': undefined } },
  { status: 426, headers: { 'Sec-WebSocket-Version': '8' } },
  { status: 400, headers: { 'Sec-WebSocket-Version': ['13', '13'] } },
  { status: 426, headers: { 'Sec-WebSocket-Version': '13, 8' } },
  { status: 400, headers: { 'Sec-WebSocket-Key': undefined } },
  { status: 400, headers: { 'Sec-WebSocket-Protocol': 'soak, soak' } },
  { status: 400, headers: { 'Sec-WebSocket-Protocol': 'so ak' } },
  { status: 400, headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' } },
  { status: 403, headers: { Origin: 'https://elsewhere.example' } },
  { status: 403, headers: { Origin: 'null' } },
  { status: 403, headers: { Origin: `http://${'a'.repeat(10_000)}` } },
  { status: 400, headers: { 'Content-Length': '5' }, followedBy: textBytes('hello') },
  { status: 400, headers: { 'Transfer-Encoding': 'chunked' }, followedBy: textBytes('0\r\n\r\n') },
  { status: 400, headers: { 'X-Null': 'a\0b' } },
  { status: 400, headers: { 'X Space': 'a' } },
  {
    status: 405,
    method: 'PATCH',
    headers: {
      Origin: '\xff',
      'Sec-WebSocket-Key': 'x',
      'Sec-WebSocket-Version': '-1',
      'Sec-WebSocket-Protocol': ',',
      'Sec-WebSocket-Extensions': ';',
    },
  },
];

/** Fields with the names of what every object has: each handshake is right, and none of this is known. */
export const prototypeNames: readonly NonNullable<HandshakeDescription['headers']>[] = [
  { 'Sec-WebSocket-Extensions': 'permessage-deflate; __proto__=1' },
  { 'Sec-WebSocket-Extensions': 'permessage-deflate; constructor; toString' },
  { 'Sec-WebSocket-Extensions': 'permessage-deflate; hasOwnProperty="valueOf"' },
  { 'Sec-WebSocket-Extensions': '__proto__; constructor=__proto__, constructor, toString' },
  { 'Sec-WebSocket-Protocol': '__proto__, constructor, toString, hasOwnProperty' },
  Object.fromEntries([
    ['__proto__', 'polluted'],
    ['constructor', 'polluted'],
    ['toString', 'polluted'],
  ]),
];

const LIST_BYTES = 60_000;

/** Lists over which a careless parser goes again and again. */
export const lists: readonly JudgedRequest[] = [
  { status: 101, headers: { Connection: `Upgrade${','.repeat(LIST_BYTES)}` } },
  { status: 101, headers: { Connection: `${' ,\t'.repeat(LIST_BYTES / 3)}upgrade` } },
  { status: 101, headers: { Upgrade: `${'x, '.repeat(LIST_BYTES / 3)}websocket` } },
  { status: 101, headers: { 'Sec-WebSocket-Protocol': names(8_000).join(', ') } },
  { status: 400, headers: { 'Sec-WebSocket-Protocol': [...names(8_000), 'n7'].join(',') } },
  { status: 400, headers: { 'Sec-WebSocket-Protocol': `a${' '.repeat(LIST_BYTES)}b` } },
  { status: 101, headers: { 'Sec-WebSocket-Extensions': names(8_000).join(', ') } },
  { status: 101, headers: { 'Sec-WebSocket-Extensions': `a; ${names(8_000).join('; ')}` } },
  { status: 101, headers: { 'Sec-WebSocket-Extensions': repeat('permessage-deflate; x', 2_500) } },
  { status: 400, headers: { 'Sec-WebSocket-Extensions': `a; b="${'\\x'.repeat(LIST_BYTES / 2)}` } },
  { status: 400, headers: { 'Sec-WebSocket-Extensions': `a${'\t'.repeat(LIST_BYTES)}b` } },
  { status: 400, headers: { 'Sec-WebSocket-Extensions': `a${'; '.repeat(LIST_BYTES / 2)}` } },
  { status: 403, headers: { Origin: `http://${'a.'.repeat(LIST_BYTES / 2)}` } },
];

/** Values of `Sec-WebSocket-Key`. */
export const keys = {
  wrong: [
    '',
    ' ',
    '=',
    'x',
    'dGhlIHNhbXBsZSBub25jZQ',
    'dGhlIHNhbXBsZSBub25jZQ=',
    'dGhlIHNhbXBsZSBub25jZQ===',
    // 15, 17 and 32 bytes.
    'AAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAAA=',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    // The alphabet of URLs, a space within, a padding within, more than ASCII.
    'dGhlIHNhbXBsZSBub25j-_==',
    'dGhlIHNhbXBs SBub25jZQ==',
    'dGhlIHNhbXBsZS==b25jZQ==',
    'dGhlIHNhbXBsZSBub25jZ\xe9==',
    'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==',
    'A'.repeat(LIST_BYTES),
    ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ],
  right: [
    'AAAAAAAAAAAAAAAAAAAAAA==',
    '/////////////////////w==',
    '+/+/+/+/+/+/+/+/+/+/+w==',
    'dGhlIHNhbXBsZSBub25jZQ==',
  ],
} as const;

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}

function repeat(element: string, count: number): string {
  return new Array<string>(count).fill(element).join(', ');
}

import type { PeerFrame } from '@heddle/testing';

/** What a peer does to an echo server, and what must come of it. */
export interface FrameCase {
  readonly name: string;
  /** Frames to send, masked, one behind the other. */
  readonly sends: readonly PeerFrame[];
  /** Frames that come back, in order, before the close frame. */
  readonly echoes?: readonly PeerFrame[];
  /** The code of the close frame that comes then; `undefined`: the connection stays open. */
  readonly closes?: number;
}

const text = (payload: string | Uint8Array, more: Partial<PeerFrame> = {}): PeerFrame => ({
  opcode: 0x1,
  payload,
  ...more,
});
const binary = (payload: Uint8Array): PeerFrame => ({ opcode: 0x2, payload });
const more = (payload: string | Uint8Array, fin: boolean): PeerFrame => ({
  opcode: 0x0,
  payload,
  fin,
});
const ping = (payload = ''): PeerFrame => ({ opcode: 0x9, payload });
const pong = (payload = ''): PeerFrame => ({ opcode: 0xa, payload });
const close = (payload: string | Uint8Array): PeerFrame => ({ opcode: 0x8, payload });
const closeWith = (code: number, reason = ''): PeerFrame =>
  close(Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const reservedOpcodes = [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf];
const validCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

/** By the section of RFC 6455 that decides. */
export const frameCases: Readonly<Record<string, readonly FrameCase[]>> = {
  '§5.2, reserved bits and opcodes': [
    ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
      name: `fails on reserved bits ${rsv}`,
      sends: [text('a', { rsv })],
      closes: 1002,
    })),
    ...reservedOpcodes.map((opcode) => ({
      name: `fails on opcode 0x${opcode.toString(16)}`,
      sends: [text('before'), { opcode, payload: '' }],
      echoes: [text('before')],
      closes: 1002,
    })),
  ],
  '§5.4, fragmentation': [
    {
      name: 'joins fragments',
      sends: [text('Hel', { fin: false }), more('l', false), more('o', true)],
      echoes: [text('Hello')],
    },
    {
      name: 'joins empty fragments',
      sends: [text('', { fin: false }), more('', false), more('', true)],
      echoes: [text('')],
    },
    {
      name: 'answers a ping between fragments before the message',
      sends: [text('Hel', { fin: false }), ping('now'), more('lo', true)],
      echoes: [pong('now'), text('Hello')],
    },
    { name: 'fails on a continuation of nothing', sends: [more('x', true)], closes: 1002 },
    {
      name: 'fails on a new message within another',
      sends: [text('a', { fin: false }), text('b')],
      closes: 1002,
    },
  ],
  '§5.5, control frames': [
    {
      name: 'answers a ping with its payload',
      sends: [ping('a'.repeat(125))],
      echoes: [pong('a'.repeat(125))],
    },
    {
      name: 'lets a pong that nobody asked for pass',
      sends: [pong('?'), text('on')],
      echoes: [text('on')],
    },
    { name: 'fails on a fragmented ping', sends: [{ ...ping(), fin: false }], closes: 1002 },
    { name: 'fails on a ping of 126 bytes', sends: [ping('a'.repeat(126))], closes: 1002 },
    { name: 'fails on a fragmented close', sends: [{ ...close(''), fin: false }], closes: 1002 },
  ],
  '§5.5.1 and §7.4, close frames': [
    ...validCodes.map((code) => ({
      name: `echoes close code ${code}`,
      sends: [closeWith(code, 'reason')],
      closes: code,
    })),
    ...invalidCodes.map((code) => ({
      name: `fails on close code ${code}`,
      sends: [closeWith(code)],
      closes: 1002,
    })),
    { name: 'fails on a close payload of one byte', sends: [close('x')], closes: 1002 },
    {
      name: 'fails on a close reason that is not UTF-8',
      sends: [close(bytes('03 e8 ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80'))],
      closes: 1007,
    },
    {
      name: 'processes nothing behind a close frame',
      sends: [closeWith(1000), text('late'), { opcode: 0x3, payload: '' }],
      closes: 1000,
    },
  ],
  '§8.1, UTF-8': [
    {
      name: 'takes a character that two fragments share',
      sends: [text(bytes('e2 82'), { fin: false }), more(bytes('ac'), true)],
      echoes: [text('€')],
    },
    {
      name: 'takes U+0000, U+FFFF and U+10FFFF',
      sends: [text('\0\uffff\u{10ffff}')],
      echoes: [text('\0\uffff\u{10ffff}')],
    },
    ...[
      '80',
      'c0 80',
      'e0 80 80',
      'ed a0 80',
      'f4 90 80 80',
      'f8 88 80 80 80',
      'fe',
      'ff',
      'c3',
      'e2 82',
      'f0 9f a7',
    ].map((hex) => ({ name: `fails on ${hex}`, sends: [text(bytes(hex))], closes: 1007 })),
    {
      name: 'fails within a fragmented message, before it ends',
      sends: [text('fine', { fin: false }), more(bytes('ff'), false)],
      closes: 1007,
    },
    {
      name: 'leaves binary alone',
      sends: [binary(bytes('ff fe 80'))],
      echoes: [binary(bytes('ff fe 80'))],
    },
  ],
};

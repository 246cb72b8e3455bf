import { describe, expect, it } from 'vitest';
import { isSendableCloseCode } from '../src/close-code.ts';
import type { MessageLimits } from '../src/limits.ts';
import { type FrameViolationCode, frameViolations, violations } from '../src/violation.ts';
import { Endpoint, type Role } from './endpoint.ts';
import { fromHex, joinBytes } from './hex.ts';
import { decodeFrames } from './reference-decoder.ts';
import { rsv1, ScriptedInflater } from './scripted-inflater.ts';

/** Bytes that break a rule when `role` reads them, and the index of the one that proves it. */
interface Example {
  readonly role: Role;
  readonly bytes: string;
  /** The stream's end is what proves it where this is `end`. */
  readonly provenAt: number | 'end';
  readonly limits?: Partial<MessageLimits>;
}

function client(bytes: string, provenAt: number | 'end', limits = {}): Example {
  return { role: 'client', bytes, provenAt, limits };
}

/** The masking key in these is `00 00 00 00`: legal, and it lets the payload be read. */
function server(bytes: string, provenAt: number | 'end', limits = {}): Example {
  return { role: 'server', bytes, provenAt, limits };
}

/** Bytes that break each rule. A rule without an example does not compile. */
const examples: Record<FrameViolationCode, readonly Example[]> = {
  WS_RESERVED_BITS: [
    client('c1 00', 0),
    client('a2 00', 0),
    client('91 00', 0),
    // Not on a control frame, and not on a continuation.
    client('c9 00', 0),
    client('01 00 c0 00', 2),
    server('c1 80 00 00 00 00', 0),
    server('b8 80 00 00 00 00', 0),
  ],
  WS_RESERVED_OPCODE: [
    ...['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f'].flatMap((octet) => [
      client(`${octet} 00`, 0),
      server(`${octet} 80 00 00 00 00`, 0),
    ]),
    client('03 00', 0),
    client('81 00 8b 00', 2),
  ],
  WS_FRAME_NOT_MASKED: [
    server('81 05 48 65 6c 6c 6f', 1),
    server('88 00', 1),
    server('82 7e 01 00', 1),
    server('81 80 00 00 00 00 89 00', 7),
  ],
  WS_FRAME_MASKED: [
    client('81 85 37 fa 21 3d 7f 9f 4d 51 58', 1),
    client('88 80 00 00 00 00', 1),
    client('81 00 8a 80 00 00 00 00', 3),
  ],
  WS_LENGTH_NOT_MINIMAL: [
    client('82 7e 00 00', 3),
    client('82 7e 00 7d', 3),
    client('81 7f 00 00 00 00 00 00 ff ff', 7),
    client('81 7f 00 00 00 00 00 00 00 01', 7),
    server('82 fe 00 7d 00 00 00 00', 3),
    server('82 ff 00 00 00 00 00 00 ff ff', 7),
  ],
  WS_LENGTH_OVERFLOW: [
    client('82 7f 80 00 00 00 00 00 00 00', 2),
    client('82 7f ff ff ff ff ff ff ff ff', 2),
    server('82 ff 80 00 00 00 00 00 00 00', 2),
  ],
  WS_CONTROL_FRAME_FRAGMENTED: [
    client('08 00', 0),
    client('09 00', 0),
    client('0a 00', 0),
    server('09 80 00 00 00 00', 0),
  ],
  WS_CONTROL_FRAME_TOO_BIG: [
    client('88 7e 00 7e', 1),
    client('89 7f 00 00 00 00 00 01 00 00', 1),
    server('8a fe 00 7e 00 00 00 00', 1),
  ],
  WS_CONTINUATION_WITHOUT_MESSAGE: [
    client('80 00', 0),
    client('00 01 41', 0),
    client('81 00 80 00', 2),
    // A control frame begins no message.
    client('89 00 80 00', 2),
    server('80 80 00 00 00 00', 0),
  ],
  WS_MESSAGE_INTERRUPTED: [
    client('01 01 41 81 01 42', 3),
    client('01 01 41 89 00 02 01 42', 5),
    client('02 00 00 00 82 00', 4),
    server('01 81 00 00 00 00 41 82 80 00 00 00 00', 7),
  ],
  WS_CLOSE_PAYLOAD_TRUNCATED: [client('88 01 03', 1), server('88 81 00 00 00 00 03', 1)],
  WS_CLOSE_CODE_INVALID: [
    // The rule is about the code, so both its bytes are the proof, and the error can name it:
    // 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535
    ...[
      '00 00',
      '03 e7',
      '03 ec',
      '03 ed',
      '03 ee',
      '03 f7',
      '03 f8',
      '0b b7',
      '13 88',
      'ff ff',
    ].map((code) => client(`88 02 ${code}`, 3)),
    client('88 04 03 ed 6f 6b', 3),
    server('88 82 00 00 00 00 03 ed', 7),
  ],
  WS_CLOSE_REASON_NOT_UTF8: [
    client('88 05 03 e8 41 ff 41', 5),
    // A surrogate and an overlong form.
    client('88 05 03 e8 ed a0 80', 5),
    client('88 04 03 e8 c0 80', 4),
    // A character that the end of the frame cuts is found there, not where it begins.
    client('88 04 03 e8 e2 82', 5),
    server('88 85 00 00 00 00 03 e8 41 ff 41', 9),
  ],
  WS_TEXT_NOT_UTF8: [
    client('81 03 41 ff 41', 3),
    client('81 05 41 ed a0 80 41', 4),
    client('81 04 f4 90 80 80', 3),
    client('81 02 c1 81', 2),
    client('81 01 80', 2),
    // In an unfinished frame, in a fragment, and where two fragments meet.
    client('81 7e 01 00 41 fe', 5),
    client('01 01 41 80 02 c3 28', 6),
    client('01 01 c3 80 01 28', 5),
    // A character that the end of the message cuts is found there, not where it begins.
    client('81 02 e2 82', 3),
    client('01 02 e2 82 80 00', 5),
    server('81 83 00 00 00 00 41 ff 41', 7),
    // Masked, the octet ff travels as ff ^ fa.
    server('81 83 37 fa 21 3d 76 05 60', 7),
  ],
  WS_MESSAGE_TOO_BIG: [
    client('82 0b', 1, { maxMessageBytes: 10 }),
    client('82 7e 04', 2, { maxMessageBytes: 1000 }),
    client('82 7e 03 e9', 3, { maxMessageBytes: 1000 }),
    // 2^20 + 1 and 2^62 bytes, by the default limit of 2^20.
    client('82 7f 00 00 00 00 00 10 00 01', 9),
    client('82 7f 40 00 00 00 00 00 00 00', 2),
    client('02 06 41 41 41 41 41 41 00 05', 9, { maxMessageBytes: 10 }),
    server('82 fe 03 e9 00 00 00 00', 3, { maxMessageBytes: 1000 }),
  ],
  WS_DEFLATE_INVALID: [
    client('c1 02 61 ff', 3),
    client('42 02 61 61 80 01 ff', 6),
    server('c2 81 00 00 00 00 ff', 6),
  ],
  WS_TOO_MANY_FRAGMENTS: [
    client('01 00 00 00 00 00 00 00', 6, { maxFragments: 3 }),
    client('01 00 89 00 00 00 80 00', 6, { maxFragments: 2 }),
    client('02 00 80 00', 2, { maxFragments: 1 }),
    server('01 80 00 00 00 00 00 80 00 00 00 00', 6, { maxFragments: 1 }),
  ],
  WS_CLOSED_WITHOUT_HANDSHAKE: [
    client('', 'end'),
    client('81 00', 'end'),
    client('81 05 48 65', 'end'),
    server('', 'end'),
    server('01 80 00 00 00 00', 'end'),
  ],
};

describe.each(Object.entries(examples))('%s', (code, all) => {
  const { closeCode, message } = violations[code as FrameViolationCode];

  it.each(all)('is not reported before byte $provenAt of $bytes to a $role', (example) => {
    const endpoint = open({ ...example, code });
    const bytes = fromHex(example.bytes);
    endpoint.receiveEach(example.provenAt === 'end' ? bytes : bytes.slice(0, example.provenAt));
    expect(endpoint.error).toBeUndefined();
    expect(endpoint.protocol.state).toBe('open');
  });

  it.each(all)(`is reported at byte $provenAt of $bytes to a $role: ${closeCode}`, (example) => {
    const endpoint = open({ ...example, code });
    const bytes = fromHex(example.bytes);
    if (example.provenAt === 'end') {
      endpoint.receive(bytes);
      endpoint.protocol.receiveEnd();
    } else {
      endpoint.receive(bytes.slice(0, example.provenAt + 1));
    }
    expect(endpoint.error).toMatchObject({ name: 'ProtocolError', code, closeCode });
    expect(endpoint.protocol.state).toBe('closed');
  });

  it.each(all)(
    'ends the connection, and nothing after it is parsed: $bytes to a $role',
    (example) => {
      const endpoint = open({ ...example, code });
      const message = fromHex(
        example.role === 'client' ? '81 02 6f 6b' : '81 82 00 00 00 00 6f 6b',
      );
      if (example.provenAt === 'end') {
        endpoint.receive(example.bytes);
        endpoint.protocol.receiveEnd();
      } else {
        endpoint.receive(joinBytes([fromHex(example.bytes), message]));
      }
      const told = [...endpoint.events];
      expect(told.slice(-2)).toEqual([{ fail: code, closeCode }, 'end']);
      endpoint.receive(message);
      expect(endpoint.events).toEqual(told);
    },
  );

  it.each(all)('is told to the peer in a close frame: $bytes to a $role', (example) => {
    const endpoint = open({ ...example, code }).receive(example.bytes);
    if (example.provenAt === 'end') endpoint.protocol.receiveEnd();
    const frames = decodeFrames(endpoint.written());
    // §7.4.1: 1006 "MUST NOT be set as a status code in a Close control frame".
    if (!isSendableCloseCode(closeCode)) {
      expect(frames).toEqual([]);
      return;
    }
    const reason = new TextEncoder().encode(message);
    const payload = joinBytes([Uint8Array.of(closeCode >> 8, closeCode & 0xff), reason]);
    expect(frames).toMatchObject([{ fin: true, rsv: 0, opcode: 8, payload }]);
  });
});

describe('the examples', () => {
  it('show every rule about frames to a client and to a server, but for the two about masks', () => {
    for (const code of Object.keys(frameViolations) as FrameViolationCode[]) {
      const roles = new Set(examples[code].map(({ role }) => role));
      const expected = { WS_FRAME_MASKED: ['client'], WS_FRAME_NOT_MASKED: ['server'] };
      expect([code, [...roles].sort()]).toEqual([
        code,
        expected[code as keyof typeof expected] ?? ['client', 'server'],
      ]);
    }
  });
});

function open({ role, limits = {}, code }: Example & { code?: string }): Endpoint {
  if (code !== 'WS_DEFLATE_INVALID') return new Endpoint(role, { limits });
  return new Endpoint(role, { limits, extensions: rsv1, inflater: new ScriptedInflater() });
}

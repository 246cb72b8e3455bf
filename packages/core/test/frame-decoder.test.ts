import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../src/frame-decoder.ts';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from '../src/limits.ts';
import { frameBytes } from './frame-bytes.ts';
import { fromHex } from './hex.ts';

interface Kind {
  readonly masked?: boolean;
  readonly rsvAllowed?: number;
  readonly limits?: Partial<MessageLimits>;
}

function decoder({ masked = false, rsvAllowed = 0, limits = {} }: Kind = {}): FrameDecoder {
  return new FrameDecoder(masked, rsvAllowed, { ...DEFAULT_MESSAGE_LIMITS, ...limits });
}

/** Decodes headers that follow one another without payload data between them. */
function decodeAll(hex: string, kind: Kind = {}): FrameDecoder {
  const target = decoder(kind);
  const bytes = fromHex(hex);
  let offset = 0;
  while (offset < bytes.byteLength) {
    if (target.complete) target.nextFrame();
    offset = target.decode(bytes, offset, bytes.byteLength);
  }
  return target;
}

function code(expected: string): object {
  return expect.objectContaining({ name: 'ProtocolError', code: expected });
}

describe('RFC 6455 §5.2, a frame header, decoded', () => {
  it.each([
    ['00 00 after 01 00', '01 00 00 00', { fin: false, rsv: 0, opcode: 0, payloadLength: 0 }],
    ['text', '81 05', { fin: true, rsv: 0, opcode: 1, payloadLength: 5, maskingKey: 0 }],
    ['125 bytes', '82 7d', { opcode: 2, payloadLength: 125 }],
    ['126 bytes', '82 7e 00 7e', { payloadLength: 126 }],
    ['65,535 bytes', '82 7e ff ff', { payloadLength: 65_535 }],
    ['65,536 bytes', '82 7f 00 00 00 00 00 01 00 00', { payloadLength: 65_536 }],
    ['a ping of 125 bytes', '89 7d', { fin: true, opcode: 9, payloadLength: 125 }],
  ])('says what it holds: %s', (_, hex, fields) => {
    expect(decodeAll(hex)).toMatchObject({ ...fields, complete: true });
  });

  it('has a masking key of four octets, the first the most significant', () => {
    expect(decodeAll('81 85 ff fa 21 3d', { masked: true }).maskingKey).toBe(0xfffa213d);
    // The key of the frame before leaves no trace.
    expect(decodeAll('81 80 ff ff ff ff 81 80 00 00 00 01', { masked: true }).maskingKey).toBe(1);
  });

  it('of 2^62 bytes is read exactly enough to be refused by any limit', () => {
    const limits = { maxMessageBytes: Number.MAX_SAFE_INTEGER };
    expect(() => decodeAll('82 7f 40 00 00 00 00 00 00 00', { limits })).toThrow(
      code('WS_MESSAGE_TOO_BIG'),
    );
    expect(decodeAll('82 7f 00 1f ff ff ff ff ff ff', { limits }).payloadLength).toBe(2 ** 53 - 1);
    expect(() => decodeAll('82 7f 00 20 00 00 00 00 00 00', { limits })).toThrow(
      code('WS_MESSAGE_TOO_BIG'),
    );
  });

  it.each([125, 126, 127, 65_535, 65_536])('of %i bytes may be cut anywhere', (length) => {
    const frame = { opcode: 2, payload: new Uint8Array(length), maskingKey: [1, 2, 3, 4] };
    const whole = frameBytes(frame);
    const header = whole.subarray(0, whole.byteLength - length);
    for (let cut = 0; cut < header.byteLength; cut++) {
      const target = decoder({ masked: true });
      expect(target.decode(header, 0, cut)).toBe(cut);
      expect([target.complete, target.begun]).toEqual([false, cut > 0]);
      expect(target.decode(whole, cut, whole.byteLength)).toBe(header.byteLength);
      expect(target).toMatchObject({ complete: true, begun: true, payloadLength: length });
      expect(target.maskingKey).toBe(0x01020304);
      target.nextFrame();
      expect([target.complete, target.begun]).toEqual([false, false]);
    }
  });

  it.each([
    ['83 00', 'WS_RESERVED_OPCODE'],
    ['8b 00', 'WS_RESERVED_OPCODE'],
    ['89 7e', 'WS_CONTROL_FRAME_TOO_BIG'],
    ['88 01', 'WS_CLOSE_PAYLOAD_TRUNCATED'],
    ['0a', 'WS_CONTROL_FRAME_FRAGMENTED'],
    ['82 7e 00 7d', 'WS_LENGTH_NOT_MINIMAL'],
    ['82 7f 00 00 00 00 00 00', 'WS_LENGTH_NOT_MINIMAL'],
    ['82 7f 80', 'WS_LENGTH_OVERFLOW'],
    ['82 7f 7f', 'WS_MESSAGE_TOO_BIG'],
    ['82 80', 'WS_FRAME_MASKED'],
  ])('%s is refused: %s', (hex, expected) => {
    expect(() => decodeAll(hex)).toThrow(code(expected));
  });

  it('with a reserved opcode is refused by its name', () => {
    expect(() => decodeAll('8b')).toThrow('0xb');
  });

  it('without a mask is refused where frames must be masked', () => {
    expect(() => decodeAll('82 00', { masked: true })).toThrow(code('WS_FRAME_NOT_MASKED'));
  });
});

describe('RFC 6455 §5.2, the reserved bits', () => {
  it.each(['c1', 'a1', '91', 'c9', '98'])(
    'are refused unless an extension defines them: %s',
    (hex) => {
      expect(() => decodeAll(hex)).toThrow(code('WS_RESERVED_BITS'));
    },
  );

  it('are handed on where an extension defines them', () => {
    expect(decodeAll('c1 00', { rsvAllowed: 4 }).rsv).toBe(4);
    expect(decodeAll('f2 00', { rsvAllowed: 7 }).rsv).toBe(7);
  });

  it.each(['a1', '51 00 c0', 'c9'])(
    'are refused besides those, on a continuation and on a control frame: %s',
    (hex) => {
      expect(() => decodeAll(hex, { rsvAllowed: 4 })).toThrow(code('WS_RESERVED_BITS'));
    },
  );
});

describe('RFC 6455 §5.4, the order of frames', () => {
  it.each([
    ['a message in three frames', '01 00 00 00 80 00'],
    ['control frames between fragments', '02 00 89 00 8a 00 80 00'],
    ['a message after a fragmented one', '01 00 80 00 82 00 81 00'],
  ])('may be %s', (_, hex) => {
    expect(decodeAll(hex).complete).toBe(true);
  });

  it('may not begin with a continuation, nor end a message twice', () => {
    expect(() => decodeAll('80')).toThrow(code('WS_CONTINUATION_WITHOUT_MESSAGE'));
    expect(() => decodeAll('01 00 80 00 80')).toThrow(code('WS_CONTINUATION_WITHOUT_MESSAGE'));
  });

  it('may not put one message into another', () => {
    expect(() => decodeAll('01 00 81')).toThrow(code('WS_MESSAGE_INTERRUPTED'));
    expect(() => decodeAll('01 00 89 00 02')).toThrow(code('WS_MESSAGE_INTERRUPTED'));
  });
});

describe('RFC 6455 §10.4, limits that show in headers', () => {
  const small = { maxMessageBytes: 300 };

  it('let a message have as many bytes as the limit says, its fragments together', () => {
    expect(decodeAll('82 7e 01 2c', { limits: small }).payloadLength).toBe(300);
    expect(decodeAll('02 64 00 64 80 64', { limits: small }).complete).toBe(true);
    expect(() => decodeAll('02 64 00 64 80 65', { limits: small })).toThrow(
      code('WS_MESSAGE_TOO_BIG'),
    );
    expect(() => decodeAll('82 7e 01 2d', { limits: small })).toThrow(
      'limit 300 bytes (RFC 6455 §10.4)',
    );
  });

  it('let a compressed message be somewhat longer, as DEFLATE may make it', () => {
    const kind = { limits: { maxMessageBytes: 4096 }, rsvAllowed: 4 };
    expect(decodeAll('c2 7e 18 10', kind).payloadLength).toBe(6160);
    expect(() => decodeAll('c2 7e 18 11', kind)).toThrow('limit 4096 bytes, 6160 compressed');
    // Each fragment ends with a flush.
    expect(decodeAll('42 7e 0c 00 80 7e 0c 20', kind).complete).toBe(true);
    expect(() => decodeAll('42 7e 0c 00 80 7e 0c 21', kind)).toThrow(code('WS_MESSAGE_TOO_BIG'));
    expect(() => decodeAll('c2 00 82 7e 10 01', kind)).toThrow(code('WS_MESSAGE_TOO_BIG'));
  });

  it('begin anew with each message, and do not count control frames', () => {
    expect(decodeAll('82 7e 01 2c 82 7e 01 2c', { limits: small }).complete).toBe(true);
    const limits = { maxMessageBytes: 1, maxFragments: 1 };
    expect(decodeAll('89 7d 82 01 8a 7d 82 01', { limits }).complete).toBe(true);
    const inTwo = { maxMessageBytes: 1, maxFragments: 2 };
    expect(decodeAll('02 00 89 7d 8a 7d 80 01', { limits: inTwo }).complete).toBe(true);
  });

  it('let a message have as many fragments as the limit says, empty ones too', () => {
    const limits = { maxFragments: 3 };
    expect(decodeAll('01 00 00 00 80 00 01 00 00 00 80 00', { limits }).complete).toBe(true);
    expect(() => decodeAll('01 00 00 00 00 00 80', { limits })).toThrow(
      code('WS_TOO_MANY_FRAGMENTS'),
    );
    expect(() => decodeAll('01 00 00 00 00 00 80', { limits })).toThrow('limit 3');
  });
});

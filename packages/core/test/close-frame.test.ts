import { describe, expect, it } from 'vitest';
import {
  assertClose,
  assertClosePayload,
  decodeClosePayload,
  encodeClosePayload,
} from '../src/close-frame.ts';
import { purePrimitives } from '../src/primitives.ts';
import { fromHex, toHex } from './hex.ts';

function encode(closeCode?: number, closeReason = ''): string {
  return toHex(encodeClosePayload(closeCode, closeReason, purePrimitives));
}

function decode(hex: string) {
  return decodeClosePayload(fromHex(hex), purePrimitives);
}

describe('RFC 6455 §5.5.1, the payload of a close frame, encoded', () => {
  it('is empty without a code', () => {
    expect(encode()).toBe('');
  });

  it('is the code in network byte order, and the reason as UTF-8', () => {
    expect(encode(1000)).toBe('03 e8');
    expect(encode(4999, 'né')).toBe('13 87 6e c3 a9');
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN])(
    'is refused for the code %d',
    (closeCode) => {
      expect(() => encode(closeCode)).toThrow(
        expect.objectContaining({ name: 'UsageError', code: 'WS_INVALID_CLOSE_CODE' }),
      );
      expect(() => encode(closeCode)).toThrow(`not ${closeCode}`);
    },
  );

  it('is refused for a reason without a code', () => {
    expect(() => encode(undefined, 'bye')).toThrow(
      expect.objectContaining({ code: 'WS_INVALID_CLOSE_CODE' }),
    );
  });

  it('takes 123 bytes of reason, and not one more', () => {
    expect(fromHex(encode(1000, `${'é'.repeat(61)}x`)).byteLength).toBe(125);
    expect(() => encode(1000, 'é'.repeat(62))).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'WS_CLOSE_REASON_TOO_LONG' }),
    );
    expect(() => encode(1000, 'é'.repeat(62))).toThrow('not 124 bytes');
  });
});

describe('assertClose', () => {
  it.each<[number | undefined, string]>([
    [undefined, ''],
    [1000, ''],
    [4999, 'x'.repeat(123)],
  ])('lets pass what a close frame may carry: %s, %s', (closeCode, closeReason) => {
    expect(() => assertClose(closeCode, closeReason)).not.toThrow();
  });

  it.each<[number | undefined, string, string]>([
    [undefined, 'bye', 'WS_INVALID_CLOSE_CODE'],
    [1006, '', 'WS_INVALID_CLOSE_CODE'],
    [1000, 'x'.repeat(124), 'WS_CLOSE_REASON_TOO_LONG'],
  ])('refuses what it may not: %s, %s', (closeCode, closeReason, code) => {
    expect(() => assertClose(closeCode, closeReason)).toThrow(
      expect.objectContaining({ name: 'UsageError', code }),
    );
  });

  it('says what a reason without a code lacks', () => {
    expect(() => assertClose(undefined, 'bye')).toThrow('a reason needs a code before it');
  });
});

describe('RFC 6455 §7.1.5 and §7.1.6, code and reason, decoded', () => {
  it('are 1005 and nothing if the payload is empty', () => {
    expect(decode('')).toEqual({ closeCode: 1005, closeReason: '' });
  });

  it('are what the payload says', () => {
    expect(decode('03 e9')).toEqual({ closeCode: 1001, closeReason: '' });
    expect(decode('0b b8 62 79 65 20 f0 9f 91 8b')).toEqual({
      closeCode: 3000,
      closeReason: 'bye 👋',
    });
  });

  it('are refused if the reason is not UTF-8', () => {
    expect(() => decode('03 e8 e2 82')).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'WS_CLOSE_REASON_NOT_UTF8' }),
    );
  });
});

describe('RFC 6455 §5.5.1, the payload of a close frame, judged as it comes', () => {
  const payload = fromHex('03 ed 41 ff 41');

  it('says nothing before both bytes of the code are there', () => {
    expect(() => assertClosePayload(payload, 0)).not.toThrow();
    expect(() => assertClosePayload(payload, 1)).not.toThrow();
  });

  it('refuses a code that must not be sent, and names it', () => {
    expect(() => assertClosePayload(payload, 2)).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'WS_CLOSE_CODE_INVALID' }),
    );
    expect(() => assertClosePayload(payload, 2)).toThrow(': 1005 (');
  });

  it('refuses a reason at its first bad octet, and not for being unfinished', () => {
    const good = fromHex('03 e8 e2 82 ff');
    expect(() => assertClosePayload(good, 4)).not.toThrow();
    expect(() => assertClosePayload(good, 5)).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'WS_CLOSE_REASON_NOT_UTF8' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { CloseCode, isSendableCloseCode } from '../src/close-code.ts';

describe('RFC 6455 §7.4, status codes', () => {
  it('may be sent if they are 1000–1003, 1007–1014 or 3000–4999', () => {
    const sendable = Array.from({ length: 0x1_0000 }, (_, code) => code).filter(
      isSendableCloseCode,
    );
    expect(sendable.slice(0, 12)).toEqual([
      1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ]);
    expect(sendable.slice(12)).toEqual(Array.from({ length: 2000 }, (_, index) => 3000 + index));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1000, 1000.5, 3000.5, 2 ** 32 + 1000])(
    'may not be sent as %s',
    (code) => {
      expect(isSendableCloseCode(code)).toBe(false);
    },
  );

  it('that are for reports alone are never sent', () => {
    const reports = Object.values(CloseCode).filter((code) => !isSendableCloseCode(code));
    expect(reports).toEqual([CloseCode.NoStatusReceived, CloseCode.AbnormalClosure]);
  });
});

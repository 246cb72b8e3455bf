import { assertClose } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { fitCloseReason } from '../../src/connection/close-reason.ts';

describe('RFC 6455 §5.5.1, a reason that fits into a close frame', () => {
  it.each(['', 'bye', 'x'.repeat(123), `${'x'.repeat(121)}é`, '😀'.repeat(30)])(
    'keeps %s',
    (text) => {
      expect(fitCloseReason(text)).toBe(text);
    },
  );

  it.each([
    ['x'.repeat(124), 'x'.repeat(123)],
    [`${'x'.repeat(122)}é`, 'x'.repeat(122)],
    [`${'x'.repeat(121)}€`, 'x'.repeat(121)],
    ['😀'.repeat(40), '😀'.repeat(30)],
  ])('cuts %s between characters', (text, fitting) => {
    expect(fitCloseReason(text)).toBe(fitting);
  });

  it('makes one that can be sent out of anything', () => {
    for (const text of ['\ud800'.repeat(200), `${'x'.repeat(122)}\ud800`, '\ufeff'.repeat(60)]) {
      expect(() => assertClose(1008, fitCloseReason(text))).not.toThrow();
    }
  });
});

import { UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type CloseOptions, resolveCloseOptions } from '../../src/server/close-options.ts';

describe('the options of sockets.close', () => {
  it('say 1001 and five seconds where they say nothing', () => {
    expect(resolveCloseOptions({})).toEqual({
      code: 1001,
      reason: '',
      spreadMs: 0,
      timeoutMs: 5_000,
    });
  });

  it('are taken at their limits', () => {
    const least = { code: 1000, reason: '', spreadMs: 0, timeoutMs: 0 };
    const most = { code: 4999, reason: 'x'.repeat(123), spreadMs: 2 ** 30, timeoutMs: 2 ** 30 };
    expect(resolveCloseOptions(least)).toEqual(least);
    expect(resolveCloseOptions(most)).toEqual(most);
  });

  it.each<[string, CloseOptions]>([
    ['WS_INVALID_CLOSE_CODE', { code: 1005 }],
    ['WS_CLOSE_REASON_TOO_LONG', { reason: 'x'.repeat(124) }],
    ['WS_INVALID_OPTION', { timeoutMs: -1 }],
    ['WS_INVALID_OPTION', { timeoutMs: 2 ** 30 + 1 }],
    ['WS_INVALID_OPTION', { spreadMs: -1 }],
    ['WS_INVALID_OPTION', { spreadMs: 2 ** 30 + 1 }],
    ['WS_INVALID_OPTION', { timeoutMs: 0.5 }],
    ['WS_INVALID_OPTION', { timeoutMs: Number.NaN }],
  ])('are refused beyond them: %s for %o', (code, options) => {
    expect(() => resolveCloseOptions(options)).toThrow(UsageError);
    expect(() => resolveCloseOptions(options)).toThrow(expect.objectContaining({ code }));
  });
});

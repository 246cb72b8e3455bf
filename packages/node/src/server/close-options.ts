import { assertClose, CloseCode } from '@heddle/core';
import { invalidOption } from '../invalid-option.ts';

/** How `sockets.close` closes. */
export interface CloseOptions {
  /**
   * The close code that every peer gets: 1000–1003, 1007–1014 or 3000–4999.
   * @default 1001
   */
  readonly code?: number;
  /**
   * At most 123 bytes of UTF-8.
   * @default ''
   */
  readonly reason?: string;
  /**
   * After so many milliseconds what has not closed is destroyed; 0 to 2^31 - 1.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/** Throws `UsageError`: `WS_INVALID_CLOSE_CODE`, `WS_CLOSE_REASON_TOO_LONG`, `WS_INVALID_OPTION`. */
export function resolveCloseOptions(given: CloseOptions): Required<CloseOptions> {
  const { code = CloseCode.GoingAway, reason = '', timeoutMs = 5_000 } = given;
  assertClose(code, reason);
  if (Number.isInteger(timeoutMs) && timeoutMs >= 0 && timeoutMs < 2 ** 31) {
    return { code, reason, timeoutMs };
  }
  throw invalidOption('timeoutMs', 'a whole number from 0 to 2^31 - 1', timeoutMs);
}

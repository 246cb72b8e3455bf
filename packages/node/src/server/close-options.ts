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
   * The connections are closed one after the other, evenly over so many milliseconds, so that the clients of a
   * server that is replaced do not all come back at once; 0 to 2^30.
   * @default 0
   */
  readonly spreadMs?: number;
  /**
   * So many milliseconds after the last was closed those that are left are destroyed; 0 to 2^30.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/** Throws `UsageError`: `WS_INVALID_CLOSE_CODE`, `WS_CLOSE_REASON_TOO_LONG`, `WS_INVALID_OPTION`. */
export function resolveCloseOptions(given: CloseOptions): Required<CloseOptions> {
  const { code = CloseCode.GoingAway, reason = '', spreadMs = 0, timeoutMs = 5_000 } = given;
  assertClose(code, reason);
  assertDelay('spreadMs', spreadMs);
  assertDelay('timeoutMs', timeoutMs);
  return { code, reason, spreadMs, timeoutMs };
}

/** Both together are no more than the longest delay of Node's timers. */
function assertDelay(name: string, value: unknown): void {
  const whole = typeof value === 'number' && Number.isInteger(value);
  if (whole && value >= 0 && value <= 2 ** 30) return;
  throw invalidOption(name, 'a whole number from 0 to 2^30', value);
}

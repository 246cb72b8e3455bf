import { UsageError } from '@heddle/core';

/** What is thrown for `value`, which is neither a string nor bytes: `which` and what it is instead. */
export function unsupportedMessage(value: unknown, which = 'not'): UsageError {
  const kind = value === null ? 'null' : typeof value;
  return new UsageError('WS_UNSUPPORTED_MESSAGE', `${which} ${kind}`);
}

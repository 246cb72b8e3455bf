import { inspect } from 'node:util';
import { UsageError } from '@heddle/core';

/** The error for an option that is not what it must be, which `range` says: 'a boolean', for instance. */
export function invalidOption(name: string, range: string, value: unknown): UsageError {
  const shown = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
  return new UsageError('WS_INVALID_OPTION', `${name} must be ${range}, not ${shown}`);
}

import { HandshakeError } from '@heddle/core';

/**
 * One line that a log can hold: printable (with `§`, and `…` where a value was cut), and bounded: 40
 * characters of the value, each of which may be written as `\u{d800}`.
 */
const MESSAGE = /^[ -~…§]{1,500}$/;

/**
 * What `read` returns; `undefined` if it throws a `HandshakeError` as they should be. Any other error is
 * thrown on.
 */
export function readOrRefuse<T>(
  read: () => T,
  statusIsRight: (status: number) => boolean,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    if (!statusIsRight(error.status)) throw new Error(`a refusal has the status ${error.status}`);
    if (!MESSAGE.test(error.message)) throw new Error(`a refusal says ${error.message}`);
    return undefined;
  }
}

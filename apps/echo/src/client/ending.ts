import { CloseCode, type CloseInfo } from '@heddle/node';
import { printable } from './printable.ts';

/** Says how a connection has ended: who ended it, code, reason, clean or not, and what went wrong. */
export function describeEnding(info: CloseInfo, endedByUs: boolean): string {
  const { code, reason, wasClean, error } = info;
  const name = nameOf(code);
  const parts = [
    `${headOf(wasClean, endedByUs)}: ${code}`,
    name === undefined ? '' : ` (${name})`,
    reason === '' ? '' : ` "${printable(reason)}"`,
    wasClean ? ', clean' : ', not clean',
    error === undefined ? '' : `: ${printable(error.message)}`,
  ];
  return parts.join('');
}

function headOf(wasClean: boolean, endedByUs: boolean): string {
  if (wasClean) return endedByUs ? 'Closed' : 'The server closed the connection';
  return endedByUs ? 'Dropped' : 'The connection broke';
}

/** `normal closure` for 1000; a code that RFC 6455 and its registry do not know has no name. */
function nameOf(code: number): string | undefined {
  const entry = Object.entries(CloseCode).find(([, value]) => value === code);
  return entry?.[0].replaceAll(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

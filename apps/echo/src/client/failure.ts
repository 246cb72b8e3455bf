import { STATUS_CODES } from 'node:http';
import { HandshakeRefusedError } from '@heddle/node';
import { printable } from './printable.ts';

/** More than this of a refusal's body is no sentence any more. */
const MAX_SHOWN = 300;

/** Says in a sentence why there is no connection to the server at `host`. */
export function explainFailure(error: unknown, host: string): string {
  if (error instanceof HandshakeRefusedError) return explainRefusal(error);
  if (!(error instanceof Error)) return `There is no connection to ${host}: ${String(error)}`;
  switch ('code' in error ? error.code : undefined) {
    case 'ECONNREFUSED':
      return `Nobody listens at ${host} (ECONNREFUSED). Is the server running?`;
    case 'ENOTFOUND':
      return `There is no host of that name: ${host} (ENOTFOUND)`;
    default:
      return `There is no connection to ${host}: ${printable(error.message)}`;
  }
}

function explainRefusal({ status, body }: HandshakeRefusedError): string {
  const answer = `The server refused with ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const text = body.toString().replaceAll(/\s+/g, ' ').trim();
  if (text === '') return answer;
  const said = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return `${answer}: ${printable(said)}`;
}

import { callApplication } from '../application-call.ts';
import { asError } from '../as-error.ts';
import type { ResolvedOptions } from '../options.ts';
import type { AnyConnection } from './connection.ts';

/** Hands an error of the application to its `onError`. An error that nobody takes is a warning. */
export function reportError(
  onError: ResolvedOptions['onError'],
  error: unknown,
  socket: AnyConnection,
): void {
  if (onError === undefined) warn(error);
  else void callApplication(() => onError(error, socket, socket.request), warn);
}

function warn(error: unknown): void {
  process.emitWarning(asError(error));
}

import type { AnyConnection } from './connection.ts';
import type { ResolvedOptions } from './options.ts';

/** Hands an error of the application to its `onError`. An error that nobody takes is a warning. */
export function reportError(
  onError: ResolvedOptions['onError'],
  error: unknown,
  socket: AnyConnection,
): void {
  try {
    if (onError !== undefined) onError(error, socket, socket.request);
    else process.emitWarning(asError(error));
  } catch (thrown) {
    process.emitWarning(asError(thrown));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

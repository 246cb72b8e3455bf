import { inspect, types } from 'node:util';

/** What somebody threw, as an error: JavaScript lets anything be thrown. */
export function asError(thrown: unknown): Error {
  // An error of another realm, as test runners have them, is no instance of ours.
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown;
  return new Error(inspect(thrown));
}

/**
 * How many times longer everybody waits for everybody than for a test, by the environment variable `PATIENCE`: the
 * server's deadlines, and what hostile peers and clients wait for. A process that gets no time is no misbehaviour.
 */
const PATIENCE = Number(process.env['PATIENCE'] ?? 1);

/** So long, in milliseconds, or longer. */
export function patient(ms: number): number {
  return ms * PATIENCE;
}

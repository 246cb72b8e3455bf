/** Above this the copy costs more than it saves. */
const JOIN_UP_TO_BYTES = 64 * 1024;

/** What the connection before has written, and its chunks as one, once a second one has the same. */
let lastRun: readonly Uint8Array[] = [];
let lastJoined: Uint8Array | undefined;

/**
 * The chunks of one write, joined where the connection before has written the very same: a broadcast
 * of several messages in one turn. One copy then serves all receivers, and each has one buffer to
 * write in place of many.
 */
export function joinFrames(chunks: Uint8Array[]): Uint8Array[] {
  if (chunks.length < 2 || byteLengthOf(chunks) > JOIN_UP_TO_BYTES) return chunks;
  if (!isLastRun(chunks)) {
    // What was written is held for this turn, not for ever.
    if (lastRun.length === 0) setImmediate(forget);
    lastRun = [...chunks];
    lastJoined = undefined;
    return chunks;
  }
  lastJoined ??= Buffer.concat(lastRun);
  return [lastJoined];
}

function isLastRun(chunks: readonly Uint8Array[]): boolean {
  return chunks.length === lastRun.length && chunks.every((chunk, at) => chunk === lastRun[at]);
}

function forget(): void {
  lastRun = [];
  lastJoined = undefined;
}

function byteLengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { PeerFrame, ReceivedFrame, ScriptedPeer } from '@heddle/testing';
import { TIMEOUT_MS } from './scene.ts';

/** More than the kernels of both sides hold of one connection. */
export const MAX_ON_THE_WAY = 32 * 2 ** 20;

/** The next frame that is none of the server's heartbeat, which may come at any time. */
export async function nextFrame(peer: ScriptedPeer): Promise<ReceivedFrame> {
  for (;;) {
    const frame = await peer.receivesFrame();
    if (!isHeartbeat(frame)) return frame;
  }
}

/** A ping, or a pong that nobody asked for: that has no payload. */
function isHeartbeat({ opcode, payload }: ReceivedFrame): boolean {
  return opcode === 9 || (opcode === 10 && payload.byteLength === 0);
}

/** Expects a close frame with this code next, then the end of the server's half; ends ours. */
export async function expectClose(peer: ScriptedPeer, code: number): Promise<void> {
  const frame = await nextFrame(peer);
  if (frame.opcode !== 8) throw new Error(`Expected a close frame, but got ${describe(frame)}`);
  const actual = closeCodeOf(frame.payload);
  if (actual !== code) {
    const reason = Buffer.from(frame.payload.subarray(2)).toString();
    throw new Error(`Expected the close code ${code}, but got ${actual} (${reason})`);
  }
  await expectEnd(peer);
}

/** Expects the end of the server's half, or of TCP, and ends ours. Pings may come before it. */
export async function expectEnd(peer: ScriptedPeer): Promise<void> {
  while (!(peer.ended && peer.pending.byteLength === 0)) {
    const frame = await peer.receivesFrame().catch((error: Error) => error);
    if (frame instanceof Error) {
      if (peer.ended && peer.pending.byteLength === 0) break;
      throw frame;
    }
    if (!isHeartbeat(frame)) throw new Error(`Expected the end, but got ${describe(frame)}`);
  }
  peer.end();
}

/**
 * Expects the end of the server's half, or a reset, behind whatever is still on its way; as nobody looks at
 * that, it may be much, but not without end.
 */
export async function expectGone(stream: Duplex): Promise<void> {
  let bytes = 0;
  stream.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_ON_THE_WAY) stream.destroy(new Error('the server goes on sending'));
  });
  stream.resume();
  if (stream.readableEnded || stream.closed) return;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  await once(stream, 'end', { signal }).catch((error: NodeJS.ErrnoException) => {
    if (signal.aborted) throw new Error(`It did not end, ${bytes} bytes later`);
    if (error.code !== 'ECONNRESET') throw error;
  });
  stream.end();
}

/** Sends a frame, and expects the connection to fail with this code. */
export async function expectFailure(
  peer: ScriptedPeer,
  frame: PeerFrame,
  code: number,
): Promise<void> {
  peer.sendsFrame(frame);
  await expectClose(peer, code);
}

/** Expects a whole text message next. */
export async function expectText(peer: ScriptedPeer, text: string): Promise<void> {
  const frame = await nextFrame(peer);
  const same =
    frame.opcode === 1 && frame.fin && Buffer.from(frame.payload).equals(Buffer.from(text));
  if (!same) throw new Error(`Expected the text ${text.slice(0, 40)}, but got ${describe(frame)}`);
}

/** Sees that the connection is still served, and closes it. */
export async function expectService(peer: ScriptedPeer, text = 'still there'): Promise<void> {
  peer.sendsFrame({ opcode: 1, payload: text });
  await expectText(peer, text);
  await leave(peer);
}

/** Closes as a good peer does, with 1000. */
export async function leave(peer: ScriptedPeer): Promise<void> {
  peer.sendsFrame({ opcode: 8, payload: closePayload(1000) });
  await expectClose(peer, 1000);
}

export function closePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code);
}

/** 1005 if there is none. */
function closeCodeOf(payload: Uint8Array): number {
  const [high, low] = payload;
  return high === undefined || low === undefined ? 1005 : high * 256 + low;
}

function describe({ opcode, fin, payload }: ReceivedFrame): string {
  const start = Buffer.from(payload.subarray(0, 32)).toString('latin1');
  return `a frame of opcode ${opcode}, fin ${fin}, ${payload.byteLength} bytes: ${start}`;
}

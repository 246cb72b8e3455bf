import { constants, deflateRawSync } from 'node:zlib';
import type { EchoWorkload, Payload } from '../workload.ts';
import { type FrameKind, maskedFrame, plainFrame } from './frame.ts';

/** The bytes of a workload's messages under way, as a client sends them and as they come back. */
export interface Batch {
  readonly request: Buffer;
  readonly answer: Buffer;
}

const OPCODES: Record<Payload, number> = { binary: 2, ascii: 1, 'non-ascii': 1, deflated: 1 };

/** Built once and sent again and again: the generator must be much cheaper than the servers. */
export function makeBatch({ bytes, depth, payload, fragments = 1 }: EchoWorkload): Batch {
  const kind: FrameKind = { opcode: OPCODES[payload], rsv1: payload === 'deflated' };
  const content = contentOf(payload, bytes);
  const data = payload === 'deflated' ? deflate(content) : content;
  const request = Buffer.concat(fragmentsOf(kind, data, fragments));
  return { request: repeat(request, depth), answer: repeat(plainFrame(kind, data), depth) };
}

/** What `bytes` bytes of a kind of payload are. */
export function contentOf(payload: Payload, bytes: number): Buffer {
  // Each character is two bytes, so that an even number of them is valid UTF-8.
  if (payload === 'non-ascii') return Buffer.alloc(bytes, 'ßéøþ');
  if (payload === 'deflated') return someJson(bytes);
  return Buffer.alloc(bytes, 'heddle ');
}

/** As zlib compresses it at its default level, from an empty window, without the tail (RFC 7692 §7.2.1). */
function deflate(content: Buffer): Buffer {
  return deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** A list of records, as an API would send it. */
function someJson(bytes: number): Buffer {
  const records: string[] = [];
  for (let length = 0; length < bytes; length += records.at(-1)?.length ?? 0) {
    records.push(JSON.stringify({ id: 7_919 * records.length, name: 'warp', tight: true }));
  }
  return Buffer.from(`[${records.join()}]`).subarray(0, bytes);
}

function fragmentsOf(kind: FrameKind, data: Buffer, count: number): Buffer[] {
  const size = Math.ceil(data.length / count);
  return Array.from({ length: count }, (_, index) => {
    const [first, last] = [index === 0, index === count - 1];
    const fragment = data.subarray(index * size, (index + 1) * size);
    return maskedFrame(
      { opcode: first ? kind.opcode : 0, rsv1: first && kind.rsv1 === true, fin: last },
      fragment,
    );
  });
}

function repeat(bytes: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

import type { Opcode } from './opcode.ts';
import type { Primitives } from './primitives.ts';

/** What a frame begins with, RFC 6455 §5.2, but for its length and masking key. */
export interface FrameStart {
  readonly fin: boolean;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. */
  readonly rsv: number;
  readonly opcode: Opcode;
}

/** How many bytes a frame's header takes. */
export function headerByteLength(payloadLength: number, masked: boolean): number {
  return 2 + extendedByteLength(payloadLength) + (masked ? 4 : 0);
}

/**
 * Writes a frame header into `target` at `offset` and returns the offset after it. The length is
 * encoded in the fewest bytes (§5.2). The bit diagram is in `frame-decoder.ts`.
 */
export function encodeFrameHeader(
  target: Uint8Array,
  offset: number,
  { fin, rsv, opcode }: FrameStart,
  payloadLength: number,
  maskingKey: number | undefined,
): number {
  const extended = extendedByteLength(payloadLength);
  const masked = maskingKey !== undefined;
  target[offset] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  target[offset + 1] = (masked ? 0x80 : 0) | lengthCode(payloadLength, extended);
  let next = writeNumber(target, offset + 2, payloadLength, extended);
  if (masked) next = writeNumber(target, next, maskingKey, 4);
  return next;
}

/** A whole frame without a masking key. */
export function encodeFrame(
  start: FrameStart,
  payload: Uint8Array,
  { allocate }: Pick<Primitives, 'allocate'>,
): Uint8Array {
  const { byteLength } = payload;
  const frame = allocate(headerByteLength(byteLength, false) + byteLength);
  frame.set(payload, encodeFrameHeader(frame, 0, start, byteLength, undefined));
  return frame;
}

function extendedByteLength(payloadLength: number): 0 | 2 | 8 {
  if (payloadLength < 126) return 0;
  return payloadLength < 0x1_0000 ? 2 : 8;
}

function lengthCode(payloadLength: number, extended: 0 | 2 | 8): number {
  if (extended === 0) return payloadLength;
  return extended === 2 ? 126 : 127;
}

/** In network byte order (§5.2). */
function writeNumber(target: Uint8Array, offset: number, value: number, octets: number): number {
  let rest = value;
  for (let index = offset + octets - 1; index >= offset; index--) {
    target[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return offset + octets;
}

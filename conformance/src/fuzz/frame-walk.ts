import { concatBytes, encodeFrame } from '@heddle/testing';
import type { Role } from './stream-case.ts';

/** A frame as it stands in a stream (§5.2), as far as it has come, and not judged. */
export interface WalkedFrame {
  readonly bytes: Uint8Array;
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  /** In how many bytes behind the first two the length stands, and which of them have come. */
  readonly lengthBytes: number;
  readonly lengthOctets: Uint8Array;
  /** `undefined` until all of the header has come. */
  readonly body:
    | { readonly length: number; readonly maskingKey: Uint8Array; readonly payload: Uint8Array }
    | undefined;
}

const RSV1 = 4;
const OPCODE_CONTINUATION = 0;

/** The frames of a stream, of which the last need not be whole. */
export function walkFrames(bytes: Uint8Array): readonly WalkedFrame[] {
  const frames: WalkedFrame[] = [];
  for (let start = 0; start < bytes.byteLength; ) {
    const frame = walkFrame(bytes.subarray(start));
    frames.push(frame);
    start += frame.bytes.byteLength;
  }
  return frames;
}

function walkFrame(rest: Uint8Array): WalkedFrame {
  const [first = 0, second = 0] = rest;
  const code = second & 0x7f;
  const lengthBytes = code === 126 ? 2 : code === 127 ? 8 : 0;
  const keyStart = 2 + lengthBytes;
  const payloadStart = keyStart + (second >= 0x80 ? 4 : 0);
  const lengthOctets = rest.subarray(2, keyStart);
  const length = lengthBytes === 0 ? code : unsigned(lengthOctets);
  const whole = rest.byteLength >= Math.max(2, payloadStart);
  const bytes = whole ? rest.subarray(0, payloadStart + length) : rest;
  return {
    bytes,
    opcode: first & 0x0f,
    fin: first >= 0x80,
    rsv: (first >> 4) & 7,
    lengthBytes,
    lengthOctets,
    body: whole
      ? {
          length,
          maskingKey: rest.subarray(keyStart, payloadStart),
          payload: bytes.subarray(payloadStart),
        }
      : undefined,
  };
}

/** Above 2^53 it is not exact. */
function unsigned(octets: Uint8Array): number {
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}

/** Whether the length stands in the fewest bytes (§5.2), as far as those that have come can tell. */
export function mayBeMinimal({ lengthBytes, lengthOctets }: WalkedFrame): boolean {
  const octets = [...lengthOctets, ...Array<number>(lengthBytes).fill(0xff)].slice(0, lengthBytes);
  if (lengthBytes === 0) return true;
  return unsigned(Uint8Array.from(octets)) >= (lengthBytes === 2 ? 126 : 65_536);
}

/** What the frames say of a message. */
export interface WalkedMessage {
  readonly compressed: boolean;
  /** By the headers, all fragments together. */
  readonly payloadBytes: number;
}

/** The messages of a stream, of which the last need not be whole. */
export function walkMessages(frames: readonly WalkedFrame[]): readonly WalkedMessage[] {
  const messages: WalkedMessage[] = [];
  for (const { opcode, rsv, body } of frames) {
    if (opcode >= 8) continue;
    const payloadBytes = body?.length ?? 0;
    const open = opcode === OPCODE_CONTINUATION ? messages.pop() : undefined;
    messages.push({
      compressed: open?.compressed ?? (rsv & RSV1) !== 0,
      payloadBytes: (open?.payloadBytes ?? 0) + payloadBytes,
    });
  }
  return messages;
}

/**
 * The stream with its last frame ended as soon as can be: what is missing of its header is zeros, and its
 * payload is what has come; a data frame ends its message.
 */
export function endLastFrame(stream: Uint8Array, role: Role): Uint8Array {
  const last = walkFrames(stream).at(-1);
  if (last === undefined) return stream;
  const { bytes, opcode, fin, rsv, body } = last;
  if (body === undefined) {
    const mask = role === 'server' ? 0x80 : 0;
    const second = bytes.byteLength === 1 ? Uint8Array.of(mask) : new Uint8Array(0);
    return concatBytes(stream, second, new Uint8Array(8 + 4));
  }
  const { maskingKey, payload } = body;
  const unmasked = payload.map((octet, index) => octet ^ (maskingKey[index % 4] ?? 0));
  const ended = encodeFrame({
    opcode,
    fin: fin || opcode < 8,
    rsv,
    payload: unmasked,
    maskingKey: maskingKey.byteLength === 4 && maskingKey,
  });
  return concatBytes(stream.subarray(0, stream.byteLength - bytes.byteLength), ended);
}

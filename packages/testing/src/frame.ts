import type { ByteReader } from './byte-reader.ts';
import { type Bytes, concatBytes, textBytes, toBytes } from './bytes.ts';

/**
 * A frame to build, RFC 6455 §5.2, as right or as wrong as a test needs it: this is written out by
 * hand, since `@heddle/core` has no way to say what must not be said.
 */
export interface FrameDescription {
  /** 0 to 15. */
  readonly opcode: number;
  /**
   * Text, which is sent as UTF-8, or bytes.
   * @default ''
   */
  readonly payload?: string | Uint8Array;
  /** @default true */
  readonly fin?: boolean;
  /**
   * RSV1, RSV2 and RSV3 as the bits 4, 2 and 1.
   * @default 0
   */
  readonly rsv?: number;
  /** Four bytes, or `false` for a frame that is not masked. */
  readonly maskingKey: Bytes | false;
  /** The length that the header claims, in place of the payload's. */
  readonly claimedLength?: number | bigint;
  /** In how many bytes behind the first two it is claimed; the fewest if this is left out. */
  readonly lengthBytes?: 0 | 2 | 8;
}

/** A frame that has come, its payload unmasked. */
export interface ReceivedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Uint8Array;
}

export function encodeFrame(frame: FrameDescription): Uint8Array {
  const { opcode, payload = '', fin = true, rsv = 0, maskingKey } = frame;
  const data = typeof payload === 'string' ? textBytes(payload) : payload;
  const length = BigInt(frame.claimedLength ?? data.byteLength);
  const lengthBytes = frame.lengthBytes ?? fewestLengthBytes(length);
  const mask = maskingKey === false ? undefined : toBytes(maskingKey);
  const code = lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127;
  const start = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (mask === undefined ? 0 : 0x80) | code];
  return concatBytes(
    Uint8Array.from(start),
    bigEndian(length, lengthBytes),
    mask ?? new Uint8Array(0),
    mask === undefined ? data : applyMask(data, mask),
  );
}

/** Takes the next frame. Rejects if none comes, but does not judge the one that does. */
export async function takeFrame(reader: ByteReader): Promise<ReceivedFrame> {
  const [first = 0, second = 0] = await reader.take(2, 'A frame');
  const code = second & 0x7f;
  const lengthBytes = code === 126 ? 2 : code === 127 ? 8 : 0;
  const extended = await reader.take(lengthBytes, "A frame's length");
  const length = lengthBytes === 0 ? code : Number(`0x${Buffer.from(extended).toString('hex')}`);
  const masked = (second & 0x80) !== 0;
  const mask = await reader.take(masked ? 4 : 0, "A frame's masking key");
  const data = await reader.take(length, `A frame's payload of ${length} bytes`);
  return {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 0x7,
    opcode: first & 0xf,
    masked,
    payload: masked ? applyMask(data, mask) : data,
  };
}

function fewestLengthBytes(length: bigint): 0 | 2 | 8 {
  if (length < 126n) return 0;
  return length < 0x1_0000n ? 2 : 8;
}

function bigEndian(value: bigint, byteLength: number): Uint8Array {
  return toBytes(byteLength === 0 ? '' : value.toString(16).padStart(byteLength * 2, '0'));
}

function applyMask(data: Uint8Array, mask: Uint8Array): Uint8Array {
  return data.map((octet, index) => octet ^ (mask[index % 4] ?? 0));
}

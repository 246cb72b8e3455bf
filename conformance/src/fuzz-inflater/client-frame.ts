import type { Random } from '../random.ts';

/** A frame of a client, RFC 6455 §5.2. */
export interface ClientFrame {
  readonly fin: boolean;
  /** RSV1, RSV2 and RSV3 as 4, 2 and 1. */
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9 } as const;

/** The bytes of a frame, masked with a random key. */
export function encodeClientFrame(frame: ClientFrame, random: Random): Buffer {
  const { fin, rsv, opcode, payload } = frame;
  const { byteLength } = payload;
  const extended = byteLength < 126 ? 0 : byteLength < 2 ** 16 ? 2 : 8;
  const bytes = Buffer.alloc(2 + extended + 4 + byteLength);
  bytes[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  bytes[1] = 0x80 | (extended === 0 ? byteLength : extended === 2 ? 126 : 127);
  if (extended === 2) bytes.writeUInt16BE(byteLength, 2);
  if (extended === 8) bytes.writeBigUInt64BE(BigInt(byteLength), 2);
  const key = random.bytes(4);
  key.copy(bytes, 2 + extended);
  const start = 2 + extended + 4;
  for (let index = 0; index < byteLength; index++) {
    bytes[start + index] = (payload[index] ?? 0) ^ (key[index & 3] ?? 0);
  }
  return bytes;
}

import { joinBytes } from './hex.ts';

/** A frame to put into a test's input, in the words of §5.2. */
export interface FrameFields {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** Four octets; a frame without them is not masked. */
  readonly maskingKey?: readonly number[];
}

/**
 * The bytes of a frame, written down from §5.2 and §5.3 as simply as can be and on purpose without
 * a line of the package: what the tests hold its encoder and its decoder against.
 */
export function frameBytes(fields: FrameFields): Uint8Array {
  const { fin = true, rsv = 0, opcode, payload = new Uint8Array(0), maskingKey } = fields;
  const length = payload.byteLength;
  const maskBit = maskingKey === undefined ? 0 : 128;
  const first = (fin ? 128 : 0) + rsv * 16 + opcode;
  const header =
    length < 126
      ? [first, maskBit + length]
      : length < 65536
        ? [first, maskBit + 126, length >> 8, length & 255]
        : [first, maskBit + 127, ...bigEndian64(length)];
  if (maskingKey === undefined) return joinBytes([Uint8Array.from(header), payload]);
  const masked = payload.map((octet, index) => octet ^ (maskingKey[index % 4] ?? 0));
  return joinBytes([Uint8Array.from([...header, ...maskingKey]), masked]);
}

function bigEndian64(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value));
  return [...new Uint8Array(view.buffer)];
}

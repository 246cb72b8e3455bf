/** An example key: what it is does not matter to a server. */
const MASKING_KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

/** The first octet of a frame: FIN, RSV1 and the opcode (RFC 6455 §5.2). */
export interface FrameKind {
  readonly opcode: number;
  readonly fin?: boolean;
  /** RFC 7692 §6: the message is compressed. */
  readonly rsv1?: boolean;
}

/** A frame as a client sends it. */
export function maskedFrame(kind: FrameKind, payload: Uint8Array): Buffer {
  const masked = payload.map((octet, index) => octet ^ (MASKING_KEY[index & 3] ?? 0));
  return Buffer.concat([header(kind, payload.length, 0x80), Buffer.from(MASKING_KEY), masked]);
}

/** A frame as a server sends it. */
export function plainFrame(kind: FrameKind, payload: Uint8Array): Buffer {
  return Buffer.concat([header(kind, payload.length, 0), payload]);
}

function header(kind: FrameKind, bytes: number, maskBit: number): Buffer {
  const { opcode, fin = true, rsv1 = false } = kind;
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  if (bytes < 126) return Buffer.from([first, maskBit | bytes]);
  if (bytes < 65_536) return Buffer.from([first, maskBit | 126, bytes >> 8, bytes & 0xff]);
  const long = Buffer.from([first, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  long.writeBigUInt64BE(BigInt(bytes), 2);
  return long;
}

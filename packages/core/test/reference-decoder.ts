/** A frame as it stood on the wire. */
export interface WireFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** How many octets the header took: whether the length was minimal shows here. */
  readonly headerLength: number;
  /** Unmasked. */
  readonly payload: Uint8Array;
}

/**
 * Decodes whole frames, written down from §5.2 as simply as can be and on purpose without a line of
 * the package: the judge of what its encoder writes. Throws if the last frame is not whole.
 */
export function decodeFrames(bytes: Uint8Array): WireFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: WireFrame[] = [];
  let offset = 0;
  while (offset < bytes.byteLength) {
    const first = view.getUint8(offset);
    const second = view.getUint8(offset + 1);
    let at = offset + 2;
    let length = BigInt(second & 127);
    if (length === 126n) {
      length = BigInt(view.getUint16(at));
      at += 2;
    } else if (length === 127n) {
      length = view.getBigUint64(at);
      at += 8;
    }
    const masked = second >= 128;
    const key = masked ? bytes.slice(at, at + 4) : new Uint8Array(4);
    if (masked) at += 4;
    const end = at + Number(length);
    if (end > bytes.byteLength) throw new RangeError('the last frame is not whole');
    frames.push({
      fin: first >= 128,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked,
      headerLength: at - offset,
      payload: bytes.slice(at, end).map((octet, index) => octet ^ (key[index % 4] ?? 0)),
    });
    offset = end;
  }
  return frames;
}

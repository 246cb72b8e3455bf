/** An example key: what it is does not matter to an echo. */
const MASKING_KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

/** The bytes of `depth` binary messages, as a client sends them and as they come back. */
export interface Batch {
  readonly request: Buffer;
  readonly answer: Buffer;
}

/** Built once and sent again and again: the generator must be much cheaper than the servers. */
export function makeBatch(bytes: number, depth: number): Batch {
  const payload = Buffer.alloc(bytes, 'heddle ');
  const masked = payload.map((octet, index) => octet ^ (MASKING_KEY[index & 3] ?? 0));
  const request = Buffer.concat([header(bytes, 0x80), Buffer.from(MASKING_KEY), masked]);
  const answer = Buffer.concat([header(bytes, 0), payload]);
  return { request: repeat(request, depth), answer: repeat(answer, depth) };
}

/** FIN, binary, and the length in the fewest bytes: RFC 6455 §5.2. */
function header(bytes: number, maskBit: number): Buffer {
  if (bytes < 126) return Buffer.from([0x82, maskBit | bytes]);
  if (bytes < 65_536) return Buffer.from([0x82, maskBit | 126, bytes >> 8, bytes & 0xff]);
  const long = Buffer.from([0x82, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  long.writeBigUInt64BE(BigInt(bytes), 2);
  return long;
}

function repeat(bytes: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

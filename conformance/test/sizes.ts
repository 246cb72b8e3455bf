/** Sizes around every step of the frame's length field, of TCP's segments and of a read: 0 B to 16 MiB. */
export const messageSizes = [
  0,
  1,
  2,
  125,
  126,
  127,
  1_000,
  4_096,
  16_383,
  16_384,
  16_385,
  65_535,
  65_536,
  65_537,
  1_000_000,
  2 ** 20,
  5_000_003,
  2 ** 24,
];

/** Bytes that are the same in every run and have no short period. */
export function someBytes(byteLength: number): Buffer {
  const bytes = Buffer.allocUnsafe(byteLength);
  let state = 0x9e37_79b9 ^ byteLength;
  for (let offset = 0; offset < byteLength; offset++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[offset] = state >>> 24;
  }
  return bytes;
}

/** Text of at least `byteLength` bytes of UTF-8, with characters of each of its four lengths. */
export function someText(byteLength: number): string {
  const line = 'plain, grüße, 您好, 🧵 ';
  if (byteLength === 0) return '';
  return line.repeat(Math.ceil(byteLength / Buffer.byteLength(line)));
}

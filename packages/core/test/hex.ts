/** Bytes from `'81 05 48'`: how the tests write them, and how RFC 6455 does, but for its `0x`. */
export function fromHex(hex: string): Uint8Array {
  const octets = hex.split(/\s+/).filter((octet) => octet !== '');
  return Uint8Array.from(octets, (octet) => {
    if (!/^[0-9a-f]{2}$/.test(octet)) throw new Error(`not an octet: ${octet}`);
    return Number.parseInt(octet, 16);
  });
}

/** The opposite of `fromHex`. */
export function toHex(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
}

/** All of `parts`, one behind the other, in memory of their own. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const joined = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}

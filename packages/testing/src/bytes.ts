/** Bytes as a test writes them: octets in hexadecimal, `'81 05 48 65'`, or an array of bytes. */
export type Bytes = string | Uint8Array;

/** Throws a `TypeError` if a string is not octets in hexadecimal; white space may be anywhere between. */
export function toBytes(bytes: Bytes): Uint8Array {
  if (typeof bytes !== 'string') return bytes;
  const digits = bytes.replaceAll(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) {
    throw new TypeError(`These are no octets in hexadecimal: ${bytes.slice(0, 60)}`);
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** The bytes of a text in UTF-8: for HTTP, and for payloads. */
export function textBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

/** Bytes for a human: `81 05 48 65`, and above `limit` how many more there are. */
export function formatBytes(bytes: Uint8Array, limit = 64): string {
  if (bytes.byteLength === 0) return '(nothing)';
  const shown = Array.from(bytes.subarray(0, limit), (octet) =>
    octet.toString(16).padStart(2, '0'),
  );
  const more = bytes.byteLength - shown.length;
  return more === 0 ? shown.join(' ') : `${shown.join(' ')} … and ${more} more`;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

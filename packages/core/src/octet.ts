/** The octet at `offset`, which the caller knows to lie inside: the one unchecked read of the core. */
export function octetAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}

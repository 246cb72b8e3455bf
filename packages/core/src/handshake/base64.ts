const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The base64 encoding of `bytes`, RFC 4648 §4, with padding. The handshake needs it for 16 and
 * 20 bytes only, so it is short rather than fast.
 */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    bitCount += 8;
    while (bitCount >= 6) {
      bitCount -= 6;
      text += ALPHABET.charAt((bits >> bitCount) & 0b11_1111);
    }
    bits &= 0b11_1111;
  }
  if (bitCount > 0) text += ALPHABET.charAt((bits << (6 - bitCount)) & 0b11_1111);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** Whether every character of `text` is one of the 64. */
export function isBase64Text(text: string): boolean {
  for (const character of text) if (!ALPHABET.includes(character)) return false;
  return true;
}

import { octetAt } from './octet.ts';

/** Below this many bytes the set-up for whole words costs more than it saves. */
const WORDS_FROM_BYTES = 48;

/** The four octets of a key and the same memory as one word: whatever the machine's byte order. */
const keyOctets = new Uint8Array(4);
const keyWord = new Int32Array(keyOctets.buffer);

/**
 * Masks or unmasks `bytes[start…end)` in place, §5.3: "octet i of the transformed data is the XOR of
 * octet i of the original data with octet at index i modulo 4 of the masking key".
 *
 * `maskingKey` is the key as an unsigned 32-bit number, its first octet the most significant.
 * `position` is the index of `bytes[start]` within the payload data, so that a payload can be taken
 * in pieces.
 */
export function applyMask(
  bytes: Uint8Array,
  start: number,
  end: number,
  maskingKey: number,
  position = 0,
): void {
  if (end - start < WORDS_FROM_BYTES) {
    maskOctets(bytes, start, end, maskingKey, position);
    return;
  }
  const wordsStart = start + ((4 - ((bytes.byteOffset + start) & 3)) & 3);
  const words = (end - wordsStart) >> 2;
  const wordsEnd = wordsStart + words * 4;
  maskOctets(bytes, start, wordsStart, maskingKey, position);
  maskWords(
    new Int32Array(bytes.buffer, bytes.byteOffset + wordsStart, words),
    wordFrom(maskingKey, position + wordsStart - start),
  );
  maskOctets(bytes, wordsEnd, end, maskingKey, position + wordsEnd - start);
}

function maskOctets(
  bytes: Uint8Array,
  start: number,
  end: number,
  maskingKey: number,
  position: number,
): void {
  // The key turns so that its first octet is always the one in turn.
  let key = rotate(maskingKey, position);
  for (let offset = start; offset < end; offset++) {
    bytes[offset] = octetAt(bytes, offset) ^ (key >>> 24);
    key = (key << 8) | (key >>> 24);
  }
}

/** Eight words a round: the loop itself is then no longer what takes the time. */
function maskWords(words: Int32Array<ArrayBufferLike>, key: number): void {
  const rounds = words.length & ~7;
  let index = 0;
  while (index < rounds) {
    words[index] = (words[index] as number) ^ key;
    words[index + 1] = (words[index + 1] as number) ^ key;
    words[index + 2] = (words[index + 2] as number) ^ key;
    words[index + 3] = (words[index + 3] as number) ^ key;
    words[index + 4] = (words[index + 4] as number) ^ key;
    words[index + 5] = (words[index + 5] as number) ^ key;
    words[index + 6] = (words[index + 6] as number) ^ key;
    words[index + 7] = (words[index + 7] as number) ^ key;
    index += 8;
  }
  for (; index < words.length; index++) words[index] = (words[index] as number) ^ key;
}

/** The key as the machine sees it when four payload octets, the first at `position`, are one word. */
function wordFrom(maskingKey: number, position: number): number {
  const key = rotate(maskingKey, position);
  keyOctets[0] = key >>> 24;
  keyOctets[1] = key >>> 16;
  keyOctets[2] = key >>> 8;
  keyOctets[3] = key;
  return keyWord[0] as number;
}

function rotate(maskingKey: number, position: number): number {
  const shift = (position & 3) * 8;
  return shift === 0 ? maskingKey : (maskingKey << shift) | (maskingKey >>> (32 - shift));
}

import { Dice } from './dice.ts';

const MAX_BYTES = 64 * 1024;

/** The same in every process: what a server is sent depends on its seed alone. */
const pool = new Dice(1);

/** What messages are cut from: bytes that do not compress, words that do, and words of up to three bytes a letter. */
const noise = Buffer.from(
  Uint32Array.from({ length: MAX_BYTES / 2 }, () => pool.roll() * 2 ** 32).buffer,
);
const words = wordsOf(['loom', 'warp', 'weft', 'heddle', 'shuttle', 'reed']);
const foreignWords = wordsOf(['größe', 'naïve', 'ткань', '織機', 'warp', '–']);

/**
 * A message of 0 B to 64 KiB, text or binary. It begins with `sequence` where there is room for it, so that
 * no two that matter are alike.
 */
export function makePayload(dice: Dice, sequence: number): string | Buffer {
  const size = dice.size(MAX_BYTES);
  if (dice.chance(0.5)) return binary(dice, sequence, size);
  const [from, length] = dice.chance(0.5) ? [words, size] : [foreignWords, Math.floor(size / 3)];
  const start = dice.between(0, from.length - length);
  return `${sequence}:${from.slice(start, start + length)}`.slice(0, length);
}

function binary(dice: Dice, sequence: number, size: number): Buffer {
  const start = dice.between(0, noise.byteLength - size);
  const bytes = Buffer.from(noise.subarray(start, start + size));
  if (size >= 4) bytes.writeUInt32BE(sequence);
  return bytes;
}
function wordsOf(list: readonly string[]): string {
  let text = '';
  while (text.length < 2 * MAX_BYTES) text += `${list[pool.between(0, list.length - 1)]} `;
  return text;
}

import { isAscii, isUtf8 } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import { BlockPool, type Primitives, purePrimitives, Slab } from '@heddle/core';
import { applyMask } from './masking.ts';

/** Below this many bytes a call into C++ costs more than validating in JavaScript. */
const NATIVE_FROM_BYTES = 24;

/** What Node does faster natively than core does in JavaScript. */
export const nativePrimitives: Primitives = {
  // Not from Buffer's pool: a message that the application keeps would pin others' bytes there.
  allocate: (byteLength) => Buffer.allocUnsafeSlow(byteLength),
  copy: copyOf,
  applyMask,
  decodeUtf8(bytes, start, end) {
    if (end - start < NATIVE_FROM_BYTES) return purePrimitives.decodeUtf8(bytes, start, end);
    const view = asBuffer(bytes, start, end);
    // Latin-1 is the faster decoder, and the same for ASCII.
    if (isAscii(view)) return view.toString('latin1');
    return isUtf8(view) ? view.toString() : undefined;
  },
  isUtf8: (bytes, start, end) => isUtf8(asBuffer(bytes, start, end)),
  utf8ByteLength: (text) => Buffer.byteLength(text),
  encodeUtf8: (text, target, offset) =>
    offset +
    (target instanceof Buffer ? target : asBuffer(target, 0, target.byteLength)).write(
      text,
      offset,
    ),
};

/** Up to so many bytes a loop is faster than a call. */
const LOOP_UP_TO_BYTES = 16;

function copyOf(bytes: Uint8Array, start: number, end: number): Buffer {
  const byteLength = end - start;
  // Small ones from Node's pool, which they may keep, as all small buffers do: memory of their own costs 2.5 µs.
  const copy = Buffer.allocUnsafe(byteLength);
  if (byteLength > LOOP_UP_TO_BYTES) {
    copy.set(bytes.subarray(start, end));
  } else {
    for (let index = 0; index < byteLength; index++) copy[index] = bytes[start + index] as number;
  }
  return copy;
}

/** The slab that every connection of this thread writes its small frames into. */
export const sharedSlab = new Slab(nativePrimitives);

/** What every connection of this thread puts its large messages together in. */
export const sharedBlocks = new BlockPool(nativePrimitives);

/** Random words are made many at a time: a call into the generator costs far more than its bytes. */
const WORDS_AT_ONCE = 1024;
const words = new Uint32Array(WORDS_AT_ONCE);
let nextWord = WORDS_AT_ONCE;

/** A masking key (§5.3): unpredictable, and never given twice from one pool. */
export function nextMaskingKey(): number {
  if (nextWord === WORDS_AT_ONCE) {
    randomFillSync(words);
    nextWord = 0;
  }
  return words[nextWord++] as number;
}

function asBuffer(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

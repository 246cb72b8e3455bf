import { HELD_OBJECT_BYTES } from '@heddle/core';

/**
 * What a message costs while it waits, in bytes, with a fixed overhead: a thousand empty messages
 * are not nothing.
 */
export function heldBytes(message: string | { readonly byteLength: number }): number {
  const bytes = typeof message === 'string' ? textBytes(message) : message.byteLength;
  return bytes + HELD_OBJECT_BYTES;
}

/** V8 keeps a character in one byte or in two; on the wire it takes up to three. */
function textBytes(text: string): number {
  const byteLength = Buffer.byteLength(text);
  return byteLength === text.length ? byteLength : Math.max(byteLength, 2 * text.length);
}

import { type Primitives, purePrimitives } from '@heddle/core';
import { instantiateMaskModule, MASK_MEMORY_BYTES, type MaskModule } from './mask-module.ts';

/** As much as Linux has for a socket by default, so that a message of 64 KiB comes in one read. */
const READ_BYTES = 2 ** 18;

/** From so many bytes on a call into WebAssembly is worth while, and from so many a copy there and back. */
const IN_PLACE_FROM_BYTES = 32;
const COPIED_FROM_BYTES = 2 ** 11;

const maskModule = instantiateMaskModule();
const memory = maskModule && Buffer.from(maskModule.memory.buffer);

/**
 * What reads of all connections may share: memory of the module, where there is one, so that what came masked
 * is unmasked where it stands.
 */
export const readMemory = memory?.subarray(0, READ_BYTES) ?? Buffer.allocUnsafeSlow(READ_BYTES);

/** Where other bytes are masked, a piece at a time. */
const desk = memory?.subarray(READ_BYTES, MASK_MEMORY_BYTES) ?? Buffer.alloc(0);

export const applyMask: Primitives['applyMask'] = (bytes, start, end, maskingKey, position) => {
  const byteLength = end - start;
  if (maskModule === undefined || byteLength < IN_PLACE_FROM_BYTES) {
    purePrimitives.applyMask(bytes, start, end, maskingKey, position);
  } else if (bytes.buffer === readMemory.buffer) {
    const offset = bytes.byteOffset;
    maskModule.mask(offset + start, offset + end, keyFrom(maskingKey, position));
  } else if (byteLength < COPIED_FROM_BYTES) {
    purePrimitives.applyMask(bytes, start, end, maskingKey, position);
  } else {
    maskCopied(maskModule, bytes.subarray(start, end), keyFrom(maskingKey, position));
  }
};

function maskCopied({ mask }: MaskModule, bytes: Uint8Array, key: number): void {
  // Pieces are multiples of four octets, and so begin with the same octet of the key.
  for (let start = 0; start < bytes.byteLength; start += desk.byteLength) {
    const piece = bytes.subarray(start, start + desk.byteLength);
    desk.set(piece);
    mask(desk.byteOffset, desk.byteOffset + piece.byteLength, key);
    piece.set(piece.byteLength === desk.byteLength ? desk : desk.subarray(0, piece.byteLength));
  }
}

/** The key with the octet for `position` first, as the number whose lowest byte that is. */
function keyFrom(maskingKey: number, position: number): number {
  const shift = (position & 3) * 8;
  const key = shift === 0 ? maskingKey : (maskingKey << shift) | (maskingKey >>> (32 - shift));
  return (key >>> 24) | ((key >>> 8) & 0xff00) | ((key & 0xff00) << 8) | ((key & 0xff) << 24);
}

import type { Primitives } from './primitives.ts';

/** Large enough that its allocation is nothing beside the frames in it. */
export const SLAB_BYTES = 64 * 1024;

/**
 * Memory that small outgoing frames are written into, one behind the other, for any number of
 * connections: each holds only what it is about to send, an idle one nothing.
 *
 * Room is given again only when it was the last and is given back. A full slab is left to those who
 * still hold parts of it.
 */
export class Slab {
  readonly #primitives: Primitives;
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the free part begins. */
  used = 0;

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  /** Sets aside `byteLength` bytes, at most `SLAB_BYTES`, of what is then `bytes`; returns where. */
  reserve(byteLength: number): number {
    if (this.bytes.byteLength - this.used < byteLength) {
      this.bytes = this.#primitives.allocate(SLAB_BYTES);
      this.used = 0;
    }
    const offset = this.used;
    this.used += byteLength;
    return offset;
  }

  /**
   * Takes back room of which nobody holds a part any more, if it is the last that was given: so a slab
   * whose frames the kernel takes at once is never full. `bytes` may lie anywhere.
   */
  giveBack(bytes: Uint8Array): void {
    const start = bytes.byteOffset - this.bytes.byteOffset;
    if (bytes.buffer !== this.bytes.buffer || start + bytes.byteLength !== this.used) return;
    this.used = start;
  }
}

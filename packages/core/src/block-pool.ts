import type { Primitives } from './primitives.ts';

/** As large as a read of a socket is, by default, in Node. */
export const BLOCK_BYTES = 64 * 1024;

/** How many free blocks are kept for the next large messages: 4 MiB. */
const MAX_FREE_BLOCKS = 64;

/**
 * Memory that large messages are put together in, for any number of connections. Nobody ever sees a
 * block but the message's assembler, so that it can serve one message after the other: fresh memory
 * for each would cost more than the copy, in the kernel and in the garbage collector.
 */
export class BlockPool {
  readonly #primitives: Primitives;
  readonly #free: Uint8Array[] = [];

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  /** `BLOCK_BYTES` of memory, whatever is in it. Throws what the runtime throws if there is none. */
  take(): Uint8Array {
    return this.#free.pop() ?? this.#primitives.allocate(BLOCK_BYTES);
  }

  /** Takes back `block`, to which nobody refers any more, or leaves it to the runtime. */
  giveBack(block: Uint8Array): void {
    if (block.byteLength === BLOCK_BYTES && this.#free.length < MAX_FREE_BLOCKS) {
      this.#free.push(block);
    }
  }
}

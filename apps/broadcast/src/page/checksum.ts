import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * SHA-256, a piece at a time: `crypto.subtle` wants all of a file at once. A chunk takes less
 * than a millisecond, so the page stays as quick as it is without a thread of its own for this.
 */
export class Checksum {
  readonly #hash = sha256.create();

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** The checksum of everything, once, as 64 hexadecimal digits. */
  finish(): string {
    return bytesToHex(this.#hash.digest());
  }
}

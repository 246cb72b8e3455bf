import { createHash } from 'node:crypto';
import { chunkLength } from '../shared/chunk.ts';
import { BadMessage } from './bad-message.ts';
import type { Spool } from './spool.ts';

/** A file as it comes in: in order, hashed on the way to the disk. */
export class Arrival {
  readonly size: number;
  readonly #spool: Spool;
  readonly #hash = createHash('sha256');

  constructor(size: number, spool: Spool) {
    this.size = size;
    this.#spool = spool;
  }

  /** How many bytes are on disk. */
  get bytes(): number {
    return this.#spool.bytes;
  }

  /** Takes a chunk, one call at a time. Throws `BadMessage` unless it is the next one. */
  async append(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset !== this.bytes) throw new BadMessage('A chunk is not the next one');
    if (bytes.byteLength === 0 || bytes.byteLength !== chunkLength(offset, this.size)) {
      throw new BadMessage('A chunk has not the length it should have');
    }
    await this.#spool.append(bytes);
    this.#hash.update(bytes);
  }

  read(target: Uint8Array, position: number): Promise<void> {
    return this.#spool.read(target, position);
  }

  /** The SHA-256 of all of it, once. Throws `BadMessage` if it is not all here. */
  finish(): string {
    if (this.bytes !== this.size) throw new BadMessage('A file ends before its end');
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#spool.close();
  }
}

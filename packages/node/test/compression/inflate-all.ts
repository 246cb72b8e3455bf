import type { DeflateContext } from '@heddle/core';
import { NodeInflater } from '../../src/compression/inflater.ts';

/** A window of the usual size that lives on. */
export const TAKEOVER: DeflateContext = { windowBits: 15, takeover: true };

export const NO_TAKEOVER: DeflateContext = { windowBits: 15, takeover: false };

export function hex(digits: string): Uint8Array {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

/** An inflater, and the promise of its next call of `wake`. */
export class Pulling {
  readonly inflater: NodeInflater;
  wakes = 0;
  #woken: () => void = () => {};

  constructor(context: DeflateContext, fast: boolean) {
    this.inflater = new NodeInflater(context, () => this.#wake(), fast);
  }

  /** All that the pieces of one message inflate to. */
  async message(...pieces: readonly Uint8Array[]): Promise<Buffer> {
    const inflated: Buffer[] = [];
    for (const [at, piece] of pieces.entries()) {
      this.inflater.push(piece, at === pieces.length - 1);
      inflated.push(await this.drain());
    }
    return Buffer.concat(inflated);
  }

  async drain(): Promise<Buffer> {
    const pulled: Buffer[] = [];
    while (!this.inflater.drained) pulled.push(Buffer.from(await this.next()));
    return Buffer.concat(pulled);
  }

  /** What the next pull gives, once it gives something. */
  async next(): Promise<Uint8Array> {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
      const bytes = this.inflater.pull();
      if (bytes !== undefined) return bytes;
      await woken;
    }
  }

  #wake(): void {
    this.wakes++;
    this.#woken();
  }
}

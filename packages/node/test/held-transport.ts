import { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

type Taken = (error?: Error) => void;

/**
 * A transport without a network: it keeps each write apart, as a system call would see it, and takes
 * none while `blocked`. What `delivers` hands over is read in the same turn.
 */
export class HeldTransport extends Duplex {
  readonly writes: Buffer[] = [];
  #blocked = false;
  #taken: Taken | undefined;

  constructor() {
    super();
    onTestFinished(() => {
      this.destroy();
    });
  }

  /** Takes no write until `unblock`: the kernel's buffer is full. */
  block(): void {
    this.#blocked = true;
  }

  unblock(): void {
    this.#blocked = false;
    this.takeOne();
  }

  /** Takes the write that waits, and blocks again if it was blocked. */
  takeOne(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  delivers(bytes: Uint8Array): void {
    this.push(bytes);
  }

  get written(): Buffer {
    return Buffer.concat(this.writes);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: unknown, taken: Taken): void {
    this.#take(chunk, taken);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], taken: Taken): void {
    this.#take(Buffer.concat(chunks.map(({ chunk }) => chunk)), taken);
  }

  #take(bytes: Buffer, taken: Taken): void {
    this.writes.push(bytes);
    if (this.#blocked) this.#taken = taken;
    else taken();
  }
}

import { constants, createInflateRaw, type InflateRaw } from 'node:zlib';
import { DEFLATE_TAIL, type Inflater, ProtocolError } from '@heddle/core';
import { concatBytes } from '@heddle/testing';
import type { DeflateForm } from './stream-case.ts';

const NOTHING = new Uint8Array(0);

/** As many as the inflater of `@heddle/node` takes in one message. */
const MAX_FINAL_BLOCKS = 256;

/**
 * Decompresses with what `node:zlib` documents, which is the thread pool: `pull` has nothing until `ready`
 * says so, and reading is suspended meanwhile. (That of `@heddle/node` is fuzzed beside this, with all of
 * its server: `npm run fuzz:inflate`.)
 */
export class ZlibInflater implements Inflater {
  /** Resolves when `pull` has something again. */
  ready: Promise<void> = Promise.resolve();
  readonly #form: DeflateForm;
  readonly #onFinalBlock: () => void;
  #stream: InflateRaw | undefined;
  /** What zlib has not been given. */
  #input: Uint8Array = NOTHING;
  #output: Uint8Array[] = [];
  #failed = false;
  #busy = false;
  #drained = true;
  #last = true;
  #finalBlocks = 0;
  #settle: () => void = () => undefined;

  /** `onFinalBlock` is told when one ends within a message: with more behind it, be it the tail. */
  constructor(form: DeflateForm, onFinalBlock: () => void = () => undefined) {
    this.#form = form;
    this.#onFinalBlock = onFinalBlock;
  }

  get drained(): boolean {
    return this.#drained;
  }

  /** Not counted: what core itself holds is what is looked at here. */
  get retainedBytes(): number {
    return 0;
  }

  push(bytes: Uint8Array, last: boolean): void {
    if (this.#last) this.#finalBlocks = 0;
    this.#last = last;
    this.#drained = false;
    this.#input = last ? concatBytes(bytes, DEFLATE_TAIL) : bytes;
  }

  pull(): Uint8Array | undefined {
    const piece = this.#output.shift();
    if (piece !== undefined) return piece;
    if (this.#failed) throw new ProtocolError('WS_DEFLATE_INVALID');
    if (this.#busy) return undefined;
    if (this.#drained || this.#input.byteLength === 0) {
      this.#drained = true;
      if (this.#last && !this.#form.takeover) this.#release();
      return NOTHING;
    }
    this.#busy = true;
    this.ready = this.#inflate();
    return undefined;
  }

  close(): void {
    this.#drained = true;
    this.#output = [];
    this.#release();
  }

  /** Gives zlib the input, which it reads to the end of a final block. */
  async #inflate(): Promise<void> {
    const stream = this.#open();
    const { bytesWritten } = stream;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      stream.write(this.#input, () => resolve());
    });
    this.#busy = false;
    this.#input = this.#input.subarray(stream.bytesWritten - bytesWritten);
    if (this.#failed || this.#input.byteLength === 0) return;
    // RFC 7692 §7.2.3.4: what is left stands behind a final block, and begins a stream of its own.
    this.#onFinalBlock();
    this.#release();
    this.#failed = ++this.#finalBlocks > MAX_FINAL_BLOCKS;
  }

  #open(): InflateRaw {
    if (this.#stream !== undefined) return this.#stream;
    const { windowBits } = this.#form;
    const stream = createInflateRaw({ windowBits, flush: constants.Z_SYNC_FLUSH });
    stream.on('data', (piece: Uint8Array) => this.#output.push(piece));
    stream.on('error', () => {
      this.#failed = true;
      // There is no answer to the write then.
      this.#settle();
    });
    this.#stream = stream;
    return stream;
  }

  #release(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }
}

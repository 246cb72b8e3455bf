import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where answers go, at the pace of whoever reads them. */
export class Output {
  readonly #stream: Writable;
  readonly #broken = new AbortController();
  /** Nobody is waited for any more. */
  readonly #over: AbortSignal;

  /** `enough` ends the waiting for a reader. */
  constructor(stream: Writable, enough: AbortSignal) {
    this.#stream = stream;
    this.#over = AbortSignal.any([enough, this.#broken.signal]);
    stream.on('error', (error) => this.#broken.abort(error));
  }

  /** Aborts when nothing more can be written; its reason is the stream's error. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Whether the reader has gone, as `head` does: it has what it wanted, and that is no mistake. */
  get readerHasGone(): boolean {
    return this.broken.aborted && this.broken.reason.code === 'EPIPE';
  }

  /** Resolves when more may be written; never rejects. */
  async write(data: string | Buffer): Promise<void> {
    if (this.#over.aborted || this.#stream.write(data)) return;
    await once(this.#stream, 'drain', { signal: this.#over }).catch(() => undefined);
  }
}

import { type ByteRange, type RawStream, ZlibHandle } from './zlib-handle.ts';

/**
 * What a `ZlibStream` is at: `'idle'`, all that was begun has been read by zlib and its output waits in
 * `read`; `'busy'`, some has not; `'ended'`, DEFLATE data came to its end, by a final block, before the
 * input did; `'failed'`, the data is invalid.
 */
export type ZlibState = 'idle' | 'busy' | 'ended' | 'failed' | 'closed';

/** The most that `read` gives at once. */
const MAX_READ = 2 ** 16;

/**
 * A zlib object and the two ways to use it: at once, by `writeSync`, and in another thread, by the
 * documented stream API: `begin` and `read`. They share the window, so that each message can go
 * either way. Every write is flushed: make the object with `flush: Z_SYNC_FLUSH`.
 */
export class ZlibStream {
  readonly #stream: RawStream;
  #handle: ZlibHandle | undefined;
  #state: ZlibState = 'idle';
  #listening = false;
  /** What `bytesWritten` was at `begin`. */
  #bytesBefore = 0;
  #changed: (() => void) | undefined;
  #error: Error | undefined;

  constructor(stream: RawStream, fast: boolean) {
    this.#stream = stream;
    this.#handle = fast ? ZlibHandle.of(stream) : undefined;
    // Always heard, also after `close`: an error that nobody listens for ends the process.
    stream.on('error', (error) => {
      this.#error = error;
      this.#become('failed');
    });
  }

  get state(): ZlibState {
    return this.#state;
  }

  /** Why it has failed, in the thread pool. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether `writeSync` can be called. */
  get fast(): boolean {
    return this.#handle !== undefined;
  }

  /** Whether, once it has been `reset`, nothing of its past is left: no thread at work, no output. */
  get reusable(): boolean {
    return this.#state === 'idle' && this.#stream.readableLength === 0;
  }

  /** See `ZlibHandle.writeSync`. Only if `fast`, and while idle. */
  writeSync(from: ByteRange, to: ByteRange): void {
    if (this.#handle === undefined) throw new Error('There is no fast path to zlib');
    try {
      this.#handle.writeSync(from, to);
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  /**
   * Has the thread pool work on the bytes, which must not change meanwhile. `changed` is called, never
   * before this returns, whenever there is output to read or `state` is another.
   */
  begin(bytes: Uint8Array, changed: () => void): void {
    this.#listen();
    this.#changed = changed;
    this.#state = 'busy';
    this.#bytesBefore = this.#stream.bytesWritten;
    this.#stream.write(bytes, (error) => {
      // The error of the data itself has come as an event, or will.
      if (!error) this.#become('idle');
    });
  }

  /** Output of what was begun, 64 KiB of it at most. Without one `changed` will be called, if busy. */
  read(): Uint8Array | undefined {
    const ready = Math.min(this.#stream.readableLength, MAX_READ);
    // Where nothing is ready, reading is what makes the next 'readable', or 'end', come.
    const bytes: unknown = ready === 0 ? this.#stream.read() : this.#stream.read(ready);
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  /** How much zlib has read of what was begun last. */
  get consumed(): number {
    return this.#stream.bytesWritten - this.#bytesBefore;
  }

  /** Forgets the window, and where in the data it was. Not while busy. */
  reset(): void {
    this.#changed = undefined;
    this.#stream.reset();
  }

  /** Frees zlib's memory: at once, or when the thread that uses it is done. Nothing is called after it. */
  close(): void {
    this.#state = 'closed';
    this.#changed = undefined;
    this.#handle = undefined;
    this.#stream.close();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#stream.on('readable', () => this.#changed?.());
    this.#stream.on('end', () => this.#become('ended'));
  }

  #become(state: ZlibState): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#changed?.();
  }
}

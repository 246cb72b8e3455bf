import type { Readable } from 'node:stream';
import { concatBytes, formatBytes } from './bytes.ts';
import { deferred } from './deferred.ts';

/**
 * What has come from a stream and nobody has asked for yet. A test asks for the next bytes, and
 * waits for them no longer than `timeoutMs`: it then fails with what did come.
 */
export class ByteReader {
  readonly #stream: Readable;
  readonly #timeoutMs: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #ended = false;
  #error: Error | undefined;
  /** Called on each change of the three fields above. */
  readonly #watchers = new Set<() => void>();

  constructor(stream: Readable, timeoutMs: number) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
    stream.on('data', this.#gather);
    stream.on('end', () => this.#end(undefined));
    stream.on('error', (error: Error) => this.#end(error));
    stream.on('close', () => this.#end(undefined));
  }

  /** Whether the peer has ended its half (FIN), or the stream is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why the stream broke, as `ECONNRESET`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** What has come and was not taken. */
  get pending(): Uint8Array {
    return this.#bytes;
  }

  /** Takes exactly `byteLength` bytes. Rejects if they do not come: `wanted` says what they were for. */
  async take(byteLength: number, wanted: string): Promise<Uint8Array> {
    await this.#until(() => this.#bytes.byteLength >= byteLength, wanted);
    return this.#cut(byteLength);
  }

  /** Takes everything up to the first `delimiter`, and that. */
  async takeThrough(delimiter: Uint8Array, wanted: string): Promise<Uint8Array> {
    const find = () => Buffer.from(this.#bytes.buffer).indexOf(delimiter);
    await this.#until(() => find() >= 0, wanted);
    return this.#cut(find() + delimiter.byteLength);
  }

  /** Takes everything up to the end of the stream. */
  async takeAll(wanted: string): Promise<Uint8Array> {
    await this.#until(() => this.#ended, wanted);
    return this.#cut(this.#bytes.byteLength);
  }

  /** Reads no more, and returns what nobody took: whoever calls this takes over the stream. */
  release(): Uint8Array {
    this.#stream.off('data', this.#gather);
    return this.#cut(this.#bytes.byteLength);
  }

  readonly #gather = (chunk: Uint8Array): void => {
    this.#bytes = concatBytes(this.#bytes, chunk);
    this.#changed();
  };

  #cut(byteLength: number): Uint8Array {
    const taken = this.#bytes.slice(0, byteLength);
    this.#bytes = this.#bytes.slice(byteLength);
    return taken;
  }

  #end(error: Error | undefined): void {
    this.#ended = true;
    this.#error ??= error;
    this.#changed();
  }

  #changed(): void {
    for (const watch of this.#watchers) watch();
  }

  async #until(satisfied: () => boolean, wanted: string): Promise<void> {
    if (satisfied()) return;
    const { promise, resolve } = deferred<string | undefined>();
    const watch = () => {
      if (satisfied()) resolve(undefined);
      else if (this.#ended) resolve(this.#describeEnd());
    };
    const timer = setTimeout(() => resolve(`within ${this.#timeoutMs} ms`), this.#timeoutMs);
    this.#watchers.add(watch);
    watch();
    const why = await promise;
    this.#watchers.delete(watch);
    clearTimeout(timer);
    if (why === undefined) return;
    throw new Error(`${wanted} did not come ${why}. There came: ${formatBytes(this.#bytes)}`, {
      cause: this.#error,
    });
  }

  #describeEnd(): string {
    return this.#error === undefined
      ? 'before the stream ended'
      : `before the stream broke (${this.#error.message})`;
  }
}

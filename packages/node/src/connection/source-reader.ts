import type { MessageSource } from './send-stream.ts';

type Pieces = Pick<AsyncIterator<unknown>, 'next' | 'return'>;
type Step = IteratorResult<unknown>;

/**
 * Reads a source piece by piece. Unlike a loop it can be ended while a piece is awaited, which may be
 * for ever, and ends the source then as far as that can be done: streams at once.
 */
export class SourceReader {
  readonly #source: MessageSource;
  readonly #pieces: Pieces;
  #over = false;
  #endedBy: Error | undefined;
  #interrupt: ((error: Error) => void) | undefined;

  /** Throws what the source throws, as a stream that is locked does. */
  constructor(source: MessageSource) {
    this.#source = source;
    // A stream may fail before it is its turn. Nobody listens yet; whoever reads it is told then.
    if (isNodeStream(source)) source.on('error', () => {});
    this.#pieces = piecesOf(source);
  }

  /** Rejects with what the source throws, and with the error of `end`. */
  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      if (this.#endedBy !== undefined) throw this.#endedBy;
      this.#interrupt = reject;
      const failed = (error: unknown) => {
        this.#over = true;
        reject(error);
      };
      // As `for await` does, it takes an answer that is no promise.
      Promise.resolve(this.#pieces.next())
        .then((step) => {
          this.#over = step.done === true;
          resolve(step);
        })
        .catch(failed);
    });
  }

  /** Nothing more is read, because of `error`, not even what is awaited. */
  end(error: Error): void {
    this.#endedBy = error;
    this.#interrupt?.(error);
  }

  /** Tells the source that no more is wanted. */
  leave(): void {
    if (this.#over) return;
    this.#over = true;
    // Its iterator would wait for what the stream gives next.
    if (isNodeStream(this.#source)) this.#source.destroy();
    else void this.#returnPieces();
  }

  async #returnPieces(): Promise<void> {
    try {
      await this.#pieces.return?.();
    } catch {
      // Whoever leaves has the reason, which this must not replace.
    }
  }
}

function piecesOf(source: MessageSource): Pieces {
  if ('getReader' in source) return piecesOfWebStream(source);
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  return piecesOfIterable(source);
}

/** A reader of our own can be cancelled while a piece is awaited; an iterator cannot. */
function piecesOfWebStream(stream: ReadableStream<unknown>): Pieces {
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      if (done) reader.releaseLock();
      return { done, value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

async function* piecesOfIterable(source: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* source;
}

interface NodeStream {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
}

function isNodeStream(source: object): source is NodeStream {
  const { on, destroy } = source as Partial<NodeStream>;
  return typeof on === 'function' && typeof destroy === 'function';
}

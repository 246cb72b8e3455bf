import { CHUNK_BYTES, CHUNK_HEADER_BYTES, writeChunkHeader } from '../shared/chunk.ts';
import type { Cursor } from './cursor.ts';

/** Where chunks go: a connection. */
export interface Outlet {
  /** The bytes must not change until `drained()`. */
  send(bytes: Uint8Array): void;
  /** Resolves when the kernel has everything, rejects when it never will. */
  drained(): Promise<void>;
}

interface Meal {
  /** A chunk has been sent. */
  readonly onSent: () => void;
  /** A chunk could not be read; nothing more will be. */
  readonly onError: (error: unknown) => void;
}

/**
 * Sends one person what is theirs of all files, a chunk of each in turn. The next chunk is read when
 * the kernel has taken the one before, into the same buffer: a person costs one chunk of memory,
 * however many files there are, however large, and however slow they are.
 */
export class Feeder {
  readonly #outlet: Outlet;
  /** Who has waited longest comes first. */
  readonly #meals = new Map<Cursor, Meal>();
  #buffer: Buffer | undefined;
  #running = false;

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  add(cursor: Cursor, meal: Meal): void {
    this.#meals.set(cursor, meal);
    this.wake();
  }

  /** Sends no more of this. A chunk that is being read is not sent. */
  remove(cursor: Cursor): void {
    this.#meals.delete(cursor);
  }

  /** A cursor may have become ready. */
  wake(): void {
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let cursor = this.#next(); cursor !== undefined; cursor = this.#next()) {
      await this.#feed(cursor);
    }
    this.#running = false;
  }

  #next(): Cursor | undefined {
    for (const cursor of this.#meals.keys()) if (cursor.ready) return cursor;
    return undefined;
  }

  async #feed(cursor: Cursor): Promise<void> {
    this.#buffer ??= Buffer.allocUnsafeSlow(CHUNK_HEADER_BYTES + CHUNK_BYTES);
    const message = this.#buffer;
    const chunk = await cursor.read(message.subarray(CHUNK_HEADER_BYTES)).catch(asFailure);
    const meal = this.#meals.get(cursor);
    if (meal === undefined) return;
    this.#meals.delete(cursor);
    if ('error' in chunk) return meal.onError(chunk.error);
    this.#meals.set(cursor, meal);
    writeChunkHeader(message, chunk);
    this.#outlet.send(message.subarray(0, CHUNK_HEADER_BYTES + chunk.length));
    meal.onSent();
    // Who is gone gets nothing more; the connection's end is reported where it is read.
    await this.#outlet.drained().catch(() => this.#meals.clear());
  }
}

function asFailure(error: unknown): { readonly error: unknown } {
  return { error };
}

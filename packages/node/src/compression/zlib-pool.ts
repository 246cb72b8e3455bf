import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import { ZlibStream } from './zlib-stream.ts';

/** How hard a compressor tries, and at what cost in memory. */
export interface DeflateEffort {
  /** zlib's `level`: 0, not at all, to 9. */
  readonly level: number;
  /** zlib's `memLevel`: 1 to 9. */
  readonly memLevel: number;
}

/**
 * Objects that wait for their next message, at most: at 15 window bits they are 1 MiB of compressors.
 * One is enough for all messages that are whole and small. More are in use only while messages come in
 * fragments, or are with another thread, of which Node has four.
 */
const MAX_IDLE = 4;

/**
 * zlib objects for messages without context takeover, which need none between them: making one takes
 * 15 µs, resetting one at most one. `create` makes one more.
 */
export class ZlibPool {
  readonly #idle: ZlibStream[] = [];
  readonly #create: () => ZlibStream;

  constructor(create: () => ZlibStream) {
    this.#create = create;
  }

  /** How many wait. */
  get idle(): number {
    return this.#idle.length;
  }

  /** One with an empty window, the taker's own until it gives it back. */
  take(): ZlibStream {
    return this.#idle.pop() ?? this.#create();
  }

  /** Takes one back, in whatever state: what cannot be used again is closed. */
  give(stream: ZlibStream): void {
    if (this.#idle.length === MAX_IDLE || !stream.reusable) {
      stream.close();
      return;
    }
    stream.reset();
    this.#idle.push(stream);
  }
}

/**
 * Room for the output of the thread pool, allocated with the object, though not touched before. Each
 * time it is full costs a trip to the main thread: 64 MiB take 0.16 s with 16 KiB, 0.04 s with 64.
 * A connection keeps the smaller one for good, so that ten thousand of them do not keep 640 MB.
 */
const CHUNK_BYTES = { kept: 2 ** 14, pooled: 2 ** 16 };

export function createInflate(
  windowBits: number,
  fast: boolean,
  use: 'kept' | 'pooled',
): ZlibStream {
  return new ZlibStream(
    createInflateRaw({ windowBits, flush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK_BYTES[use] }),
    fast,
  );
}

export function createDeflate(
  parameters: DeflateEffort & { readonly windowBits: number },
  fast: boolean,
  use: 'kept' | 'pooled',
): ZlibStream {
  const { windowBits, level, memLevel } = parameters;
  return new ZlibStream(
    createDeflateRaw({
      windowBits,
      level,
      memLevel,
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: CHUNK_BYTES[use],
    }),
    fast,
  );
}

/** One for each set of parameters, of which a process has one or two. */
const pools = new Map<string, ZlibPool>();

/** The thread's pool of objects that decompress. */
export function inflatePool(windowBits: number, fast: boolean): ZlibPool {
  return poolOf(`inflate ${windowBits} ${fast}`, () => createInflate(windowBits, fast, 'pooled'));
}

/** The thread's pool of objects that compress. */
export function deflatePool(
  parameters: DeflateEffort & { readonly windowBits: number },
  fast: boolean,
): ZlibPool {
  const { windowBits, level, memLevel } = parameters;
  return poolOf(`deflate ${windowBits} ${level} ${memLevel} ${fast}`, () =>
    createDeflate({ windowBits, level, memLevel }, fast, 'pooled'),
  );
}

function poolOf(key: string, create: () => ZlibStream): ZlibPool {
  let pool = pools.get(key);
  if (pool === undefined) {
    pool = new ZlibPool(create);
    pools.set(key, pool);
  }
  return pool;
}

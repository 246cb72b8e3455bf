import { constants, type DeflateRaw, type InflateRaw } from 'node:zlib';

/** Either of the two zlib objects that raw DEFLATE takes. */
export type RawStream = DeflateRaw | InflateRaw;

/** Bytes yet to be read, or room yet to be filled: `start` moves on. */
export interface ByteRange {
  readonly bytes: Uint8Array;
  start: number;
  readonly end: number;
}

/** What lies behind a zlib object: the part that every Node from 20 to 26 has. */
interface PrivateHandle {
  /** Node's own `zlib.deflateRawSync()` is made of this call. */
  writeSync: (
    flush: number,
    input: Uint8Array,
    inputStart: number,
    inputLength: number,
    output: Uint8Array,
    outputStart: number,
    outputLength: number,
  ) => void;
  /** Called, in the midst of `writeSync`, instead of an exception. */
  onerror: (message: string, errno: number, code: string) => void;
}

/** The message of the error that came up in the call under way. */
let failure: string | undefined;

function noteFailure(message: string): void {
  failure = message;
}

/**
 * Synchronous calls into zlib, on the object of the public stream API. This module alone touches what
 * Node keeps private: the documented API has a synchronous call for whole messages only, each with
 * an empty window and an object of its own, and an asynchronous one, which costs a trip to another
 * thread and back, some 20 µs, where a small message takes one.
 */
export class ZlibHandle {
  readonly #handle: PrivateHandle;
  /** What the last call left: [room in the output, bytes of the input]. */
  readonly #left: Uint32Array;

  private constructor(handle: PrivateHandle, left: Uint32Array) {
    this.#handle = handle;
    this.#left = left;
  }

  /** `undefined` where Node has none, or another than we know. */
  static of(stream: RawStream): ZlibHandle | undefined {
    const handle = handleOf(stream);
    const left: unknown = Reflect.get(stream, '_writeState');
    if (handle === undefined || !(left instanceof Uint32Array) || left.length !== 2)
      return undefined;
    return new ZlibHandle(handle, left);
  }

  /**
   * Reads from one range and writes into the other until one of the two is at its end, or DEFLATE data
   * is: a final block. All that was read is flushed as far as there is room. Throws zlib's error.
   */
  writeSync(from: ByteRange, to: ByteRange): void {
    const handle = this.#handle;
    // Node's own `onerror` destroys the stream, which would emit 'error' later on.
    const { onerror } = handle;
    failure = undefined;
    handle.onerror = noteFailure;
    try {
      handle.writeSync(
        constants.Z_SYNC_FLUSH,
        from.bytes,
        from.start,
        from.end - from.start,
        to.bytes,
        to.start,
        to.end - to.start,
      );
    } finally {
      handle.onerror = onerror;
    }
    if (failure !== undefined) throw new Error(failure);
    const [room = 0, unread = 0] = this.#left;
    from.start = from.end - unread;
    to.start = to.end - room;
  }
}

function handleOf(stream: RawStream): PrivateHandle | undefined {
  const handle: unknown = Reflect.get(stream, '_handle');
  return isPrivateHandle(handle) ? handle : undefined;
}

function isPrivateHandle(handle: unknown): handle is PrivateHandle {
  if (typeof handle !== 'object' || handle === null) return false;
  return (
    typeof Reflect.get(handle, 'writeSync') === 'function' &&
    typeof Reflect.get(handle, 'onerror') === 'function'
  );
}

/**
 * Whether Node itself calls `writeSync` with the arguments that we do. To find it out by calling would
 * not do: C++ ends the process on an argument that it does not like. Uses the stream up.
 */
export function nodeCallsAlike(stream: RawStream): boolean {
  const handle = handleOf(stream);
  const processChunk: unknown = Reflect.get(stream, '_processChunk');
  if (handle === undefined || typeof processChunk !== 'function') return false;
  const { writeSync } = handle;
  let call: unknown[] = [];
  handle.writeSync = (...args) => {
    call = args;
    Reflect.apply(writeSync, handle, args);
  };
  const input = Buffer.from('a few bytes');
  Reflect.apply(processChunk, stream, [input, constants.Z_SYNC_FLUSH]);
  const output = call[4];
  if (!(output instanceof Uint8Array)) return false;
  const expected = [constants.Z_SYNC_FLUSH, input, 0, input.length, output, 0, output.length];
  return call.length === expected.length && expected.every((value, at) => call[at] === value);
}

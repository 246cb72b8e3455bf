import { ClosedError, DEFLATE_TAIL, type DeflateContext } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import { fastPath } from './fast-path.ts';
import type { ByteRange } from './zlib-handle.ts';
import { createDeflate, type DeflateEffort, deflatePool } from './zlib-pool.ts';
import type { ZlibStream } from './zlib-stream.ts';

/**
 * The most that is worth compressing on the main thread at once: 0.1 ms of JSON, 0.35 ms of random
 * bytes, the slowest there is (level 6, 12 window bits, memLevel 5). Twice as much takes twice as long.
 */
const SYNC_DEFLATE_BYTES = 2 ** 14;

/**
 * zlib's state (6 KiB), the windows' padding and Node's objects, measured as what a thousand of them
 * added to the resident set (11–24 KiB over the formula, Node 20 and 24).
 */
const OVERHEAD_BYTES = 2 ** 14;

/**
 * What every connection of this thread compresses into. It is never full: what does not compress grows by
 * five bytes a block, of which the least `memLevel` makes one for each 127 bytes.
 */
const scratch = new Uint8Array(2 * SYNC_DEFLATE_BYTES);

/** RFC 7692 §7.2.3.6: "the compressed message payload is 0x00": an empty stored block without its tail. */
const EMPTY_BLOCK = 0x00;

/**
 * Compresses the messages of one connection, RFC 7692 §7.2.1, in one piece or several, of which each is
 * flushed. One call at a time: the caller waits for a promise before the next.
 */
export class Deflater {
  readonly #context: DeflateContext;
  readonly #effort: DeflateEffort;
  readonly #fast: boolean;
  /** There is none before the first message, nor, without takeover, between messages. */
  #stream: ZlibStream | undefined;
  #windowEmpty = true;
  /** What the thread pool is at. */
  #pending: Deferred<Uint8Array> | undefined;
  #closed = false;

  constructor(context: DeflateContext, effort: DeflateEffort, fast = fastPath()) {
    this.#context = context;
    this.#effort = effort;
    this.#fast = fast;
  }

  /**
   * zlib's two tables over the window, its hash, and its output. Node's zlib hashes with 15 bits at
   * least where it has SIMD instructions, whatever `memLevel` says: 64 KiB.
   */
  get retainedBytes(): number {
    if (this.#stream === undefined) return 0;
    const { memLevel } = this.#effort;
    const hash = 2 ** Math.max(16, memLevel + 8);
    return 2 ** (this.#context.windowBits + 2) + hash + 2 ** (memLevel + 8) + OVERHEAD_BYTES;
  }

  /**
   * The compressed bytes, which are the caller's own: of small pieces at once, of others from the thread
   * pool. Those must not change until it is done; it rejects with `ClosedError` if `close` comes first.
   */
  deflate(bytes: Uint8Array, last: boolean): Uint8Array | Promise<Uint8Array> {
    if (bytes.length === 0) return this.#finish([], last);
    const atOnce = this.#fast && bytes.length <= SYNC_DEFLATE_BYTES;
    return atOnce ? this.#deflateSync(bytes, last) : this.#deflateAsync(bytes, last);
  }

  /**
   * Starts anew with an empty window, which is valid at any time between messages. Due when the peer's
   * window has moved without ours: it has been sent a message that was compressed elsewhere.
   */
  reset(): void {
    if (this.#windowEmpty) return;
    this.#windowEmpty = true;
    this.#stream?.reset();
  }

  /** Frees all that is held. Nothing is called after it. */
  close(): void {
    this.#closed = true;
    this.#pending?.reject(new ClosedError());
    this.#pending = undefined;
    this.#release();
  }

  #deflateSync(bytes: Uint8Array, last: boolean): Uint8Array {
    const to: ByteRange = { bytes: scratch, start: 0, end: scratch.length };
    this.#open().writeSync({ bytes, start: 0, end: bytes.length }, to);
    return this.#finish([scratch.subarray(0, to.start)], last);
  }

  #deflateAsync(bytes: Uint8Array, last: boolean): Promise<Uint8Array> {
    const pending = new Deferred<Uint8Array>();
    const stream = this.#open();
    const pieces: Uint8Array[] = [];
    this.#pending = pending;
    stream.begin(bytes, () => {
      for (let piece = stream.read(); piece !== undefined; piece = stream.read())
        pieces.push(piece);
      if (stream.state === 'busy') return;
      this.#pending = undefined;
      if (stream.state === 'idle') pending.resolve(this.#finish(pieces, last));
      else pending.reject(stream.error);
    });
    return pending.promise;
  }

  #open(): ZlibStream {
    if (this.#closed) throw new ClosedError();
    const parameters = { windowBits: this.#context.windowBits, ...this.#effort };
    this.#stream ??= this.#context.takeover
      ? createDeflate(parameters, this.#fast, 'kept')
      : deflatePool(parameters, this.#fast).take();
    this.#windowEmpty = false;
    return this.#stream;
  }

  #release(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#windowEmpty = true;
    if (stream === undefined) return;
    const parameters = { windowBits: this.#context.windowBits, ...this.#effort };
    if (this.#context.takeover) stream.close();
    else deflatePool(parameters, this.#fast).give(stream);
  }

  #finish(pieces: readonly Uint8Array[], last: boolean): Uint8Array {
    const result = last ? withoutTail(pieces) : joined(pieces, lengthOf(pieces));
    if (last && !this.#context.takeover) this.#release();
    return result;
  }
}

/**
 * RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end." Where nothing
 * remains, or nothing was there, §7.2.3.6 has the one byte to send.
 */
function withoutTail(pieces: readonly Uint8Array[]): Uint8Array {
  const length = lengthOf(pieces) - DEFLATE_TAIL.length;
  return length > 0 ? joined(pieces, length) : Uint8Array.of(EMPTY_BLOCK);
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}

/** The first bytes of the pieces, in memory of their own: what is kept pins nothing else. */
function joined(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  const result = new Uint8Array(byteLength);
  let at = 0;
  for (const piece of pieces) {
    const rest = byteLength - at;
    result.set(piece.length > rest ? piece.subarray(0, rest) : piece, at);
    at += Math.min(piece.length, rest);
  }
  return result;
}

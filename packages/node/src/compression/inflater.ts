import { type DeflateContext, type Inflater, ProtocolError } from '@heddle/core';
import { currentTurn } from '../turn.ts';
import { fastPath } from './fast-path.ts';
import { PayloadWithTail } from './payload-with-tail.ts';
import type { ByteRange } from './zlib-handle.ts';
import { createInflate, inflatePool } from './zlib-pool.ts';
import type { ZlibStream } from './zlib-stream.ts';

/**
 * How much of one message is inflated on the main thread, in bytes that come out and `INPUT_COST` for
 * each that goes in: 0.3 ms of JSON. The rest of the message is left to the thread pool.
 */
export const SYNC_INFLATE_BYTES = 2 ** 19;

/**
 * The same for all messages of a connection in one turn of the event loop, 2.5 ms of JSON: one read may
 * bring hundreds of them.
 */
const TURN_INFLATE_BYTES = 2 ** 22;

/**
 * What a compressed byte counts beside an inflated one: there are blocks that have nothing but tables,
 * of which 64 KiB take 6.8 ms, twenty times what as much ordinary output takes.
 */
const INPUT_COST = 8;

/**
 * Final blocks that one message may have: more than anybody sends, who ends his data at each flush.
 * Each costs us a reset for as few as two bytes, and 50 µs where the fast path is not to be had.
 */
const MAX_FINAL_BLOCKS = 256;

/** zlib compresses as though 8 were 9, and so do some who agreed to 8: their window is 2 to the 9. */
const LEAST_WINDOW_BITS = 9;

/**
 * What a zlib object takes besides its window: zlib's state (10 KiB) and Node's objects, measured as
 * what a thousand of them added to the resident set (14–17 KiB at 9–15 bits, Node 20 and 24).
 */
const OVERHEAD_BYTES = 2 ** 14;

/** What every connection of this thread inflates into. */
const scratch = new Uint8Array(2 ** 16);
const NOTHING = scratch.subarray(0, 0);

/** Decompresses with Node's zlib: the start of each message at once, what is large in the thread pool. */
export class NodeInflater implements Inflater {
  readonly #windowBits: number;
  readonly #takeover: boolean;
  readonly #fast: boolean;
  readonly #wake: () => void;
  readonly #input = new PayloadWithTail();
  /** There is none before the first message, nor, without takeover, between messages. */
  #stream: ZlibStream | undefined;
  #drained = true;
  /** Whether the piece that was pushed ends its message. */
  #last = true;
  /** What the message has cost the main thread so far, as `SYNC_INFLATE_BYTES` counts it. */
  #syncBytes = 0;
  /** The turn in which the main thread was last at work, and what that has cost. */
  #turn = 0;
  #turnBytes = 0;
  #finalBlocks = 0;
  /** Whether the thread pool has been given what `#input` has next. */
  #begun = false;
  /** Whether `pull` has said that there is nothing yet. */
  #waiting = false;

  constructor(context: DeflateContext, wake: () => void, fast = fastPath()) {
    this.#windowBits = Math.max(context.windowBits, LEAST_WINDOW_BITS);
    this.#takeover = context.takeover;
    this.#wake = wake;
    this.#fast = fast;
  }

  get drained(): boolean {
    return this.#drained;
  }

  get retainedBytes(): number {
    return this.#stream === undefined ? 0 : 2 ** this.#windowBits + OVERHEAD_BYTES;
  }

  push(bytes: Uint8Array, last: boolean): void {
    if (this.#last) {
      this.#syncBytes = 0;
      this.#finalBlocks = 0;
    }
    this.#input.set(bytes, last);
    this.#last = last;
    this.#drained = false;
  }

  pull(): Uint8Array | undefined {
    this.#waiting = false;
    if (this.#drained) return NOTHING;
    this.#stream ??= this.#open();
    return this.#stream.fast && !this.#begun && this.#mayBlock()
      ? this.#pullSync(this.#stream)
      : this.#pullAsync(this.#stream);
  }

  close(): void {
    this.#waiting = false;
    this.#drained = true;
    this.#input.set(NOTHING, false);
    this.#release();
  }

  #open(): ZlibStream {
    return this.#takeover
      ? createInflate(this.#windowBits, this.#fast, 'kept')
      : inflatePool(this.#windowBits, this.#fast).take();
  }

  #release(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) return;
    if (this.#takeover) stream.close();
    else inflatePool(this.#windowBits, this.#fast).give(stream);
  }

  #mayBlock(): boolean {
    if (this.#turn !== currentTurn()) {
      this.#turn = currentTurn();
      this.#turnBytes = 0;
    }
    return this.#syncBytes < SYNC_INFLATE_BYTES && this.#turnBytes < TURN_INFLATE_BYTES;
  }

  #spend(bytes: number): void {
    this.#syncBytes += bytes;
    this.#turnBytes += bytes;
  }

  #pullSync(stream: ZlibStream): Uint8Array {
    const to: ByteRange = { bytes: scratch, start: 0, end: scratch.length };
    do {
      const from = this.#input.range();
      const { start } = from;
      writeValid(stream, from, to);
      this.#input.consume(from.start - start);
      this.#spend(INPUT_COST * (from.start - start));
      // Room is left in the output, and yet zlib does not read on.
      if (from.start < from.end && to.start < to.end) {
        this.#countFinalBlock();
        stream.reset();
      }
    } while (to.start < to.end && !this.#input.exhausted && this.#mayBlock());
    this.#spend(to.start);
    // With a full output zlib may have more to give.
    if (to.start < to.end && this.#input.exhausted) this.#finishPiece();
    return scratch.subarray(0, to.start);
  }

  #pullAsync(stream: ZlibStream): Uint8Array | undefined {
    const bytes = stream.read();
    if (bytes !== undefined) return bytes;
    if (stream.state === 'failed') throw new ProtocolError('WS_DEFLATE_INVALID');
    if (stream.state === 'busy') {
      this.#waiting = true;
      return undefined;
    }
    return this.#advance(stream);
  }

  /** Goes on where the thread pool has stopped. */
  #advance(stream: ZlibStream): Uint8Array | undefined {
    if (this.#begun) this.#input.consume(stream.consumed);
    this.#begun = false;
    let next = stream;
    if (stream.state === 'ended') {
      this.#countFinalBlock();
      // A stream that has ended is of no more use, reset or not.
      stream.close();
      next = this.#open();
      this.#stream = next;
    }
    if (this.#input.exhausted) {
      this.#finishPiece();
      return NOTHING;
    }
    this.#begun = true;
    this.#waiting = true;
    next.begin(this.#input.lasting(), () => this.#changed());
    return undefined;
  }

  #changed(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#wake();
  }

  #finishPiece(): void {
    this.#drained = true;
    if (this.#last && !this.#takeover) this.#release();
  }

  /**
   * RFC 7692 §7.2.3.4: a block may be a final one. What follows starts at the next byte, and, to zlib
   * as to those who compress with it, with an empty window.
   */
  #countFinalBlock(): void {
    this.#finalBlocks++;
    if (this.#finalBlocks > MAX_FINAL_BLOCKS) throw new ProtocolError('WS_DEFLATE_INVALID');
  }
}

function writeValid(stream: ZlibStream, from: ByteRange, to: ByteRange): void {
  try {
    stream.writeSync(from, to);
  } catch {
    throw new ProtocolError('WS_DEFLATE_INVALID');
  }
}

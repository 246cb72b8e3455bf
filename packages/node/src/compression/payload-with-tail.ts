import { DEFLATE_TAIL } from '@heddle/core';
import type { ByteRange } from './zlib-handle.ts';

/** zlib reads at most this much in one synchronous call: it may be costly and give no output. */
const MAX_RANGE = 2 ** 16;

/** A payload this small is copied for the tail to stand behind it: one call of zlib less. */
const JOINED_BYTES = 2 ** 12;

/** Where they stand while zlib reads them, in a synchronous call. */
const joined = new Uint8Array(JOINED_BYTES + DEFLATE_TAIL.length);

const NOTHING = new Uint8Array();

/**
 * A piece of a compressed message's payload data and, behind the last one, the tail, which "is
 * appended to the payload data" (RFC 7692 §7.2.2), read as though they were one.
 */
export class PayloadWithTail {
  #payload: Uint8Array = NOTHING;
  /** The length of both. */
  #length = 0;
  #consumed = 0;

  /** Takes in a piece; what was there has been consumed. */
  set(payload: Uint8Array, last: boolean): void {
    this.#payload = payload;
    this.#length = payload.length + (last ? DEFLATE_TAIL.length : 0);
    this.#consumed = 0;
  }

  get exhausted(): boolean {
    return this.#consumed === this.#length;
  }

  consume(byteLength: number): void {
    this.#consumed += byteLength;
    // Bytes that nobody reads any more are not held either.
    if (this.exhausted) this.#payload = NOTHING;
  }

  /** The next bytes, for a call that is over before anybody else asks for theirs. */
  range(): ByteRange {
    const { bytes, start, end } = this.#next(joined);
    return { bytes, start, end: Math.min(end, start + MAX_RANGE) };
  }

  /** The next bytes, for as long as it takes. */
  lasting(): Uint8Array {
    const { bytes, start, end } = this.#next(undefined);
    return bytes.subarray(start, end);
  }

  #next(target: Uint8Array | undefined): ByteRange {
    const payload = this.#payload;
    const inPayload = payload.length - this.#consumed;
    if (this.exhausted) return { bytes: NOTHING, start: 0, end: 0 };
    if (inPayload <= 0) return { bytes: DEFLATE_TAIL, start: -inPayload, end: DEFLATE_TAIL.length };
    if (this.#length === payload.length || inPayload > JOINED_BYTES) {
      return { bytes: payload, start: this.#consumed, end: payload.length };
    }
    const end = inPayload + DEFLATE_TAIL.length;
    const bytes = target ?? new Uint8Array(end);
    bytes.set(payload.subarray(this.#consumed));
    bytes.set(DEFLATE_TAIL, inPayload);
    return { bytes, start: 0, end };
  }
}

import { ProtocolError } from './errors.ts';
import { heldBytes } from './limits.ts';
import type { Message } from './message.ts';
import type { Primitives } from './primitives.ts';
import { Utf8Validator } from './utf8-validator.ts';

/** What a long message may claim beyond twice what has come of it. */
const GROWTH_BYTES = 64 * 1024;

/**
 * Puts a message together from payload data that comes in pieces (§5.4): fragments, and frames that
 * TCP cut.
 *
 * All pieces are copied into one target that grows. Nothing is kept per fragment or per read, so
 * many small ones cost no more than their bytes; and no target is reserved on the word of a header
 * alone: it is at most twice what has come, plus 64 KiB, and never above the limit.
 */
export class MessageAssembler {
  readonly #primitives: Primitives;
  readonly #maxMessageBytes: number;
  readonly #validator: Utf8Validator;
  #text = false;
  #target: Uint8Array | undefined;
  #byteLength = 0;

  /** The caller sees to it that no message is longer than `maxMessageBytes`. */
  constructor(primitives: Primitives, maxMessageBytes: number) {
    this.#primitives = primitives;
    this.#maxMessageBytes = maxMessageBytes;
    this.#validator = new Utf8Validator(primitives.isUtf8);
  }

  /** Bytes held for the message in progress. */
  get retainedBytes(): number {
    return heldBytes(this.#target);
  }

  /** Begins a message; the one before has been finished. */
  begin(text: boolean): void {
    this.#text = text;
    this.#validator.reset();
  }

  /**
   * The message that is all of `bytes[start…end)`: text as a string, binary as bytes that the caller
   * owns. Throws `ProtocolError` `WS_TEXT_NOT_UTF8`.
   */
  whole(bytes: Uint8Array, start: number, end: number, lent = false): Message {
    return this.#text ? this.#decode(bytes, start, end) : this.own(bytes, start, end, lent);
  }

  /** `bytes[start…end)` as bytes that the caller may keep, even if they were `lent` to us. */
  own(bytes: Uint8Array, start: number, end: number, lent = false): Uint8Array {
    // A small message must not pin a whole read; a large one is not worth a copy.
    const copied = lent || (end - start) * 4 < bytes.buffer.byteLength;
    return copied ? this.#copy(bytes, start, end) : bytes.subarray(start, end);
  }

  /** Throws `ProtocolError` `WS_TEXT_NOT_UTF8` if the text cannot go on with `bytes[start…end)`. */
  validate(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#validator.push(bytes, start, end)) throw new ProtocolError('WS_TEXT_NOT_UTF8');
  }

  /** Throws `ProtocolError` `WS_TEXT_NOT_UTF8` if the text ends within a character. */
  assertWhole(): void {
    if (this.#text && !this.#validator.complete) throw new ProtocolError('WS_TEXT_NOT_UTF8');
  }

  /**
   * Takes a copy of `bytes[start…end)`. `frameBytesLeft` is how much of the frame is to come from
   * `start` on. Throws `ProtocolError` `WS_TEXT_NOT_UTF8` at the piece that makes the text invalid,
   * however much of the message is still to come.
   */
  append(bytes: Uint8Array, start: number, end: number, frameBytesLeft: number): void {
    if (start === end) return;
    if (this.#text) this.validate(bytes, start, end);
    const needed = this.#byteLength + end - start;
    const target = this.#reserve(needed, this.#byteLength + frameBytesLeft);
    target.set(bytes.subarray(start, end), this.#byteLength);
    this.#byteLength = needed;
  }

  /**
   * The whole message: text as a string, binary as bytes that the caller owns. Throws
   * `ProtocolError` `WS_TEXT_NOT_UTF8` if the text ends within a character.
   */
  finish(): Message {
    const target = this.#target ?? this.#primitives.allocate(0);
    const byteLength = this.#byteLength;
    this.#target = undefined;
    this.#byteLength = 0;
    if (!this.#text) return this.#owned(target, byteLength);
    this.assertWhole();
    return this.#decode(target, 0, byteLength);
  }

  /** What has come of the message in progress, if anything has; what follows it begins anew. */
  takePart(): Uint8Array | undefined {
    const part = this.#target?.subarray(0, this.#byteLength);
    this.discard();
    return part;
  }

  /** Forgets the bytes of the message in progress. */
  discard(): void {
    this.#target = undefined;
    this.#byteLength = 0;
  }

  /** The target with room for `needed` bytes, and for the whole frame where that is little more. */
  #reserve(needed: number, frameEnd: number): Uint8Array {
    const target = this.#target;
    if (target !== undefined && target.byteLength >= needed) return target;
    // A message in many small frames would be copied once per frame if its target did not double.
    const atLeast = Math.max(needed, 2 * this.#byteLength);
    const capacity = Math.max(atLeast, Math.min(frameEnd, 2 * needed + GROWTH_BYTES));
    const grown = this.#allocate(Math.min(capacity, this.#maxMessageBytes));
    if (target !== undefined) grown.set(target.subarray(0, this.#byteLength));
    this.#target = grown;
    return grown;
  }

  /** A message that fills less than three quarters of its target does not pin the rest. */
  #owned(target: Uint8Array, byteLength: number): Uint8Array {
    if (byteLength === target.byteLength) return target;
    if (byteLength * 4 >= target.byteLength * 3) return target.subarray(0, byteLength);
    return this.#copy(target, 0, byteLength);
  }

  #decode(bytes: Uint8Array, start: number, end: number): string {
    let text: string | undefined;
    try {
      text = this.#primitives.decodeUtf8(bytes, start, end);
    } catch {
      throw tooBigForRuntime();
    }
    if (text === undefined) throw new ProtocolError('WS_TEXT_NOT_UTF8');
    return text;
  }

  #copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    try {
      return this.#primitives.copy(bytes, start, end);
    } catch {
      throw tooBigForRuntime();
    }
  }

  #allocate(byteLength: number): Uint8Array {
    try {
      return this.#primitives.allocate(byteLength);
    } catch {
      throw tooBigForRuntime();
    }
  }
}

/**
 * A runtime has bounds of its own, such as 2^29 - 24 characters in a string of V8. Where the limits
 * allow more, what a peer sends must still not make us throw.
 */
function tooBigForRuntime(): ProtocolError {
  return new ProtocolError('WS_MESSAGE_TOO_BIG', 'more than this runtime can hold');
}

import { BLOCK_BYTES, type BlockPool } from './block-pool.ts';
import { ProtocolError } from './errors.ts';
import { heldBytes } from './limits.ts';
import type { Message } from './message.ts';
import type { Primitives } from './primitives.ts';
import { Utf8Validator } from './utf8-validator.ts';

/**
 * Puts a message together from payload data that comes in pieces (§5.4): fragments, and frames that
 * TCP cut.
 *
 * All pieces are copied: into a block that grows to 64 KiB, then into one block after the other, and at
 * the end into memory of the message's own. Nothing is kept per fragment or per read, so many small
 * ones cost no more than their bytes; and nothing is reserved on the word of a header alone but one block:
 * never more than twice what has come, plus 64 KiB, and never more than the limit.
 */
export class MessageAssembler {
  readonly #primitives: Primitives;
  readonly #blocks: BlockPool;
  readonly #maxMessageBytes: number;
  readonly #validator: Utf8Validator;
  #text = false;
  /** The blocks that are full, each of `BLOCK_BYTES`. */
  #full: Uint8Array[] = [];
  /** The block in progress, and how much of it is filled. */
  #block: Uint8Array | undefined;
  #filled = 0;

  /** The caller sees to it that no message is longer than `maxMessageBytes`. */
  constructor(primitives: Primitives, blocks: BlockPool, maxMessageBytes: number) {
    this.#primitives = primitives;
    this.#blocks = blocks;
    this.#maxMessageBytes = maxMessageBytes;
    this.#validator = new Utf8Validator(primitives.isUtf8);
  }

  /** Bytes held for the message in progress. */
  get retainedBytes(): number {
    return heldBytes(this.#block) + this.#bytesInFull();
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
    let offset = start;
    while (offset < end) {
      const block = this.#blockWithRoom(frameBytesLeft - (offset - start));
      const taken = Math.min(end - offset, block.byteLength - this.#filled);
      block.set(bytes.subarray(offset, offset + taken), this.#filled);
      this.#filled += taken;
      offset += taken;
    }
  }

  /**
   * The whole message: text as a string, binary as bytes that the caller owns. Throws
   * `ProtocolError` `WS_TEXT_NOT_UTF8` if the text ends within a character.
   */
  finish(): Message {
    if (!this.#text) return this.takePart() ?? this.#allocate(0);
    try {
      this.assertWhole();
      const block = this.#block;
      if (block === undefined) return '';
      const bytes = this.#joined(block);
      return this.#decode(bytes, 0, bytes.byteLength);
    } finally {
      this.discard();
    }
  }

  /** What has come of the message in progress, if anything has; what follows it begins anew. */
  takePart(): Uint8Array | undefined {
    const block = this.#block;
    if (block === undefined) return undefined;
    const part = this.#owned(this.#joined(block));
    // What is handed out is nobody's block any more.
    if (part.buffer === block.buffer) this.#block = undefined;
    this.discard();
    return part;
  }

  /** Forgets the bytes of the message in progress. */
  discard(): void {
    if (this.#block !== undefined) this.#blocks.giveBack(this.#block);
    for (const block of this.#full) this.#blocks.giveBack(block);
    if (this.#full.length > 0) this.#full = [];
    this.#block = undefined;
    this.#filled = 0;
  }

  #bytesInFull(): number {
    return this.#full.length * BLOCK_BYTES;
  }

  /** The block in progress, or one that has room, if need be for the whole frame where that is not more. */
  #blockWithRoom(frameBytesLeft: number): Uint8Array {
    const block = this.#block;
    if (block !== undefined && this.#filled < block.byteLength) return block;
    if (block?.byteLength === BLOCK_BYTES) {
      this.#full.push(block);
      this.#block = undefined;
      this.#filled = 0;
    }
    const filled = this.#filled;
    // A message in many small frames would be copied once per frame if its block did not double.
    const wanted = Math.max(filled + frameBytesLeft, 2 * filled);
    const grown = this.#allocateBlock(
      Math.min(wanted, this.#maxMessageBytes - this.#bytesInFull()),
    );
    if (block !== undefined && filled > 0) grown.set(block);
    this.#block = grown;
    return grown;
  }

  #allocateBlock(wanted: number): Uint8Array {
    // A message that fits is given away with its block: memory of its own spares a copy.
    const alone = this.#full.length === 0 && wanted <= BLOCK_BYTES;
    if (alone || wanted < BLOCK_BYTES) return this.#allocate(wanted);
    try {
      return this.#blocks.take();
    } catch {
      throw tooBigForRuntime();
    }
  }

  /** All that has come: what is in `last`, the block in progress, behind the full ones. */
  #joined(last: Uint8Array): Uint8Array {
    const end = last.subarray(0, this.#filled);
    if (this.#full.length === 0) return end;
    const joined = this.#allocate(this.#bytesInFull() + end.byteLength);
    let offset = 0;
    for (const block of [...this.#full, end]) {
      joined.set(block, offset);
      offset += block.byteLength;
    }
    return joined;
  }

  /** A message that fills less than three quarters of its memory does not pin the rest. */
  #owned(bytes: Uint8Array): Uint8Array {
    const { byteLength, buffer } = bytes;
    if (byteLength * 4 >= buffer.byteLength * 3) return bytes;
    return this.#copy(bytes, 0, byteLength);
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

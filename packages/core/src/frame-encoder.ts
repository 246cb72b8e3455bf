import { encodeFrameHeader, type FrameStart, headerByteLength } from './frame-header.ts';
import type { Primitives } from './primitives.ts';
import { SLAB_BYTES, type Slab } from './slab.ts';

/** Above this a payload is passed on by reference: copying it costs more than a second buffer. */
const COPY_UP_TO_BYTES = 16 * 1024;

const NO_BYTES = new Uint8Array(0);

/**
 * Encodes frames, RFC 6455 §5.2, one behind the other until somebody takes what has gathered: so
 * that all messages of one turn can leave in one write.
 *
 * Small frames are written into the slab, and those that stand together there are one chunk. A
 * larger frame has memory of its own; a large payload stays where it is, but for a client, which
 * must mask it and may not do so in the caller's bytes.
 */
export class FrameEncoder {
  readonly #slab: Slab;
  readonly #primitives: Primitives;
  readonly #nextMaskingKey: (() => number) | undefined;
  #chunks: Uint8Array[] = [];
  #byteLength = 0;
  /** The chunk in progress, `#bytes[#start…#end)`. */
  #bytes: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;

  /**
   * `nextMaskingKey` gives a client's masking keys: unsigned 32-bit numbers that nobody can predict
   * (§5.3). A server has none.
   */
  constructor(slab: Slab, primitives: Primitives, nextMaskingKey: (() => number) | undefined) {
    this.#slab = slab;
    this.#primitives = primitives;
    this.#nextMaskingKey = nextMaskingKey;
  }

  /** How many bytes wait to be taken. */
  get byteLength(): number {
    return this.#byteLength;
  }

  encodeText(start: FrameStart, text: string): void {
    const { utf8ByteLength, encodeUtf8 } = this.#primitives;
    const payloadLength = utf8ByteLength(text);
    const maskingKey = this.#nextMaskingKey?.();
    const payloadStart = this.#encodeHeader(start, payloadLength, maskingKey, payloadLength);
    encodeUtf8(text, this.#bytes, payloadStart);
    this.#mask(payloadStart, payloadLength, maskingKey);
  }

  /** A server's payload of more than 16 KiB is not copied: it must not change until it is written. */
  encodeBinary(start: FrameStart, payload: Uint8Array): void {
    const payloadLength = payload.byteLength;
    const maskingKey = this.#nextMaskingKey?.();
    if (maskingKey === undefined && payloadLength > COPY_UP_TO_BYTES) {
      this.#encodeHeader(start, payloadLength, maskingKey, 0);
      this.append(payload);
      return;
    }
    const payloadStart = this.#encodeHeader(start, payloadLength, maskingKey, payloadLength);
    this.#bytes.set(payload, payloadStart);
    this.#mask(payloadStart, payloadLength, maskingKey);
  }

  /** Frames that are encoded already, and must not change until they are written. */
  append(frames: Uint8Array): void {
    this.#endChunk();
    this.#chunks.push(frames);
    this.#byteLength += frames.byteLength;
  }

  /** The bytes to write, in order. They belong to the caller now. */
  take(): Uint8Array[] {
    // An idle connection must hold neither the slab of its last frame nor a large frame.
    this.#beginChunk(NO_BYTES, 0, 0);
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#byteLength = 0;
    return chunks;
  }

  /** The last of the bytes that were taken is no longer needed. */
  giveBack(bytes: Uint8Array): void {
    this.#slab.giveBack(bytes);
  }

  /** Writes the header with room for `room` bytes behind it; returns where that begins. */
  #encodeHeader(
    start: FrameStart,
    payloadLength: number,
    maskingKey: number | undefined,
    room: number,
  ): number {
    const byteLength = headerByteLength(payloadLength, maskingKey !== undefined) + room;
    const offset = this.#reserve(byteLength);
    return encodeFrameHeader(this.#bytes, offset, start, payloadLength, maskingKey);
  }

  /**
   * Makes the chunk in progress longer by `byteLength` bytes, or begins another one. If there is no
   * memory for it, this throws what the runtime throws, and changes nothing.
   */
  #reserve(byteLength: number): number {
    if (byteLength > SLAB_BYTES) {
      this.#beginChunk(this.#primitives.allocate(byteLength), 0, byteLength);
      this.#byteLength += byteLength;
      return 0;
    }
    const offset = this.#slab.reserve(byteLength);
    const follows = this.#bytes === this.#slab.bytes && this.#end === offset;
    if (follows) this.#end += byteLength;
    else this.#beginChunk(this.#slab.bytes, offset, offset + byteLength);
    this.#byteLength += byteLength;
    return offset;
  }

  #beginChunk(bytes: Uint8Array, start: number, end: number): void {
    this.#endChunk();
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  #endChunk(): void {
    if (this.#end > this.#start) this.#chunks.push(this.#bytes.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #mask(payloadStart: number, payloadLength: number, maskingKey: number | undefined): void {
    if (maskingKey === undefined) return;
    const payloadEnd = payloadStart + payloadLength;
    this.#primitives.applyMask(this.#bytes, payloadStart, payloadEnd, maskingKey, 0);
  }
}

import { applyMask } from './masking.ts';
import { decodeUtf8, encodeUtf8, isUtf8, utf8ByteLength } from './utf8.ts';

/**
 * What a runtime may do faster natively than this package does in JavaScript. Each has a pure
 * default here; one table of tests holds every implementation to the same behaviour.
 */
export interface Primitives {
  /** A new array of `byteLength` bytes. What is in it does not matter: it is written before read. */
  allocate(byteLength: number): Uint8Array;
  /** A copy of `bytes[start…end)`, which nobody else refers to. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array;
  /** As `applyMask` in `masking.ts`. */
  applyMask(
    bytes: Uint8Array,
    start: number,
    end: number,
    maskingKey: number,
    position: number,
  ): void;
  /** The text in `bytes[start…end)`, or `undefined` if that is not valid UTF-8. */
  decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined;
  /** Whether `bytes[start…end)` is valid UTF-8 and ends with a whole character. */
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean;
  /** How many bytes `text` takes as UTF-8. */
  utf8ByteLength(text: string): number;
  /** Writes `text` as UTF-8 into `target` at `offset`; returns the offset after its last byte. */
  encodeUtf8(text: string, target: Uint8Array, offset: number): number;
}

export const purePrimitives: Primitives = {
  allocate: (byteLength) => new Uint8Array(byteLength),
  copy(bytes, start, end) {
    const copy = new Uint8Array(end - start);
    copy.set(bytes.subarray(start, end));
    return copy;
  },
  applyMask,
  decodeUtf8,
  isUtf8,
  utf8ByteLength,
  encodeUtf8,
};

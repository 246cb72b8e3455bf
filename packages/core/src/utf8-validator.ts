import { octetAt } from './octet.ts';

/** Whether `bytes[start…end)` is valid UTF-8 and ends with a whole character. */
type WholeValidator = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Below this many bytes a call into the runtime costs more than it saves. */
const NATIVE_FROM_BYTES = 32;

/**
 * Validates UTF-8 as it arrives (§8.1), octet by octet, and finds a bad sequence at its first bad
 * octet: overlong forms, surrogates and what lies above U+10FFFF included (RFC 3629 §4).
 *
 * A runtime's own validator, where there is one, takes the bulk of a long piece: all but the
 * characters that the piece's two ends cut.
 */
export class Utf8Validator {
  readonly #isUtf8: WholeValidator | undefined;
  /** Octets that the sequence in progress still needs. */
  #missing = 0;
  /** Where the next octet must lie. Only a sequence's second octet has narrower bounds than 80…BF. */
  #lowest = 0x80;
  #highest = 0xbf;

  constructor(isUtf8?: WholeValidator) {
    this.#isUtf8 = isUtf8;
  }

  /** Whether no sequence is left unfinished. */
  get complete(): boolean {
    return this.#missing === 0;
  }

  /** Takes `bytes[start…end)` in; `false` as soon as no continuation could make the text valid. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isUtf8 === undefined || end - start < NATIVE_FROM_BYTES) {
      return this.#takeEach(bytes, start, end);
    }
    // At most three octets end the sequence in progress, and at most three begin one at the end.
    const wholeStart = start + this.#missing;
    const wholeEnd = startOfLastSequence(bytes, end);
    return (
      this.#takeEach(bytes, start, wholeStart) &&
      this.#isUtf8(bytes, wholeStart, wholeEnd) &&
      this.#takeEach(bytes, wholeEnd, end)
    );
  }

  reset(): void {
    this.#missing = 0;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
  }

  #takeEach(bytes: Uint8Array, start: number, end: number): boolean {
    for (let offset = start; offset < end; offset++) {
      if (!this.#take(octetAt(bytes, offset))) return false;
    }
    return true;
  }

  #take(octet: number): boolean {
    if (this.#missing === 0) return octet < 0x80 || this.#lead(octet);
    if (octet < this.#lowest || octet > this.#highest) return false;
    this.#missing--;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
    return true;
  }

  /** RFC 3629 §4, the grammar's rows by their first octet. */
  #lead(octet: number): boolean {
    if (octet < 0xc2 || octet > 0xf4) return false;
    if (octet < 0xe0) {
      this.#missing = 1;
    } else if (octet < 0xf0) {
      this.#missing = 2;
      if (octet === 0xe0) this.#lowest = 0xa0;
      if (octet === 0xed) this.#highest = 0x9f;
    } else {
      this.#missing = 3;
      if (octet === 0xf0) this.#lowest = 0x90;
      if (octet === 0xf4) this.#highest = 0x8f;
    }
    return true;
  }
}

/** Where the last lead octet stands: what follows may be cut. Where none is near, nothing is. */
function startOfLastSequence(bytes: Uint8Array, end: number): number {
  for (let offset = end - 1; offset >= end - 4; offset--) {
    const octet = octetAt(bytes, offset);
    if (octet < 0x80) return end;
    if (octet >= 0xc0) return offset;
  }
  return end;
}

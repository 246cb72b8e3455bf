import { octetAt } from './octet.ts';
import { Utf8Validator } from './utf8-validator.ts';

/** How many UTF-16 units are turned into a string at once; more could overflow the call stack. */
const UNITS_AT_ONCE = 4096;

const REPLACEMENT_CHARACTER = 0xfffd;

/** Whether `bytes[start…end)` is valid UTF-8 and ends with a whole character. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  const validator = new Utf8Validator();
  return validator.push(bytes, start, end) && validator.complete;
}

/** The text in `bytes[start…end)`, or `undefined` if that is not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (!isUtf8(bytes, start, end)) return undefined;
  let text = '';
  let units: number[] = [];
  for (let offset = start; offset < end; ) {
    const lead = octetAt(bytes, offset);
    const size = sequenceSize(lead);
    const codePoint = decodeSequence(bytes, offset, size);
    if (codePoint > 0xffff) {
      units.push(0xd7c0 + (codePoint >> 10), 0xdc00 | (codePoint & 0x3ff));
    } else {
      units.push(codePoint);
    }
    offset += size;
    if (units.length >= UNITS_AT_ONCE) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

function sequenceSize(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function decodeSequence(bytes: Uint8Array, offset: number, size: number): number {
  const lead = octetAt(bytes, offset);
  if (size === 1) return lead;
  let codePoint = lead & (0x7f >> size);
  for (let next = 1; next < size; next++) {
    codePoint = (codePoint << 6) | (octetAt(bytes, offset + next) & 0x3f);
  }
  return codePoint;
}

/** How many bytes `text` takes as UTF-8; a lone surrogate counts as U+FFFD, as it is sent. */
export function utf8ByteLength(text: string): number {
  let byteLength = 0;
  for (const character of text) byteLength += sizeOf(scalarValue(character));
  return byteLength;
}

/**
 * Writes `text` as UTF-8 into `target` from `offset` on, where there is room for it. A lone
 * surrogate becomes U+FFFD: UTF-8 has no form for it. Returns the offset after the last byte.
 */
export function encodeUtf8(text: string, target: Uint8Array, offset: number): number {
  let next = offset;
  for (const character of text) {
    const codePoint = scalarValue(character);
    const size = sizeOf(codePoint);
    for (let shift = (size - 1) * 6, first = true; shift >= 0; shift -= 6, first = false) {
      const bits = codePoint >> shift;
      target[next++] = first ? leadOctet(bits, size) : 0x80 | (bits & 0x3f);
    }
  }
  return next;
}

function leadOctet(bits: number, size: number): number {
  return size === 1 ? bits : bits | (0xf00 >> size);
}

function scalarValue(character: string): number {
  const codePoint = character.codePointAt(0) as number;
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? REPLACEMENT_CHARACTER : codePoint;
}

function sizeOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x1_0000 ? 3 : 4;
}

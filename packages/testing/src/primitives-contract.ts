import { type Primitives, purePrimitives } from '@heddle/core';
import { describe, expect, it } from 'vitest';

/**
 * What every implementation of core's `Primitives` promises, as tests for Vitest: call it in a test
 * file of whoever implements them.
 *
 * The pure ones, which core's own tests hold to the letter of the RFCs, are the measure, and a
 * handful of literal bytes, so that the measure cannot be wrong in silence.
 */
export function primitivesContract(name: string, primitives: Primitives): void {
  describe(`The contract of primitives: ${name}`, () => {
    describe('allocate', () => allocateContract(primitives));
    describe('copy', () => copyContract(primitives));
    describe('applyMask', () => maskContract(primitives));
    describe('decodeUtf8 and isUtf8', () => decodeContract(primitives));
    describe('encodeUtf8 and utf8ByteLength', () => encodeContract(primitives));
  });
}

function allocateContract({ allocate }: Primitives): void {
  it.each([0, 1, 125, 4096, 65_536, 1_000_000])('gives exactly %i bytes', (byteLength) => {
    const bytes = allocate(byteLength);
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(bytes.byteLength).toBe(byteLength);
  });

  it('never gives the same memory twice', () => {
    const all = Array.from({ length: 200 }, (_, index) => allocate(100).fill(index));
    const intact = all.map((bytes, index) => bytes.every((octet) => octet === index));
    expect(intact).toEqual(all.map(() => true));
  });
}

function copyContract({ copy }: Primitives): void {
  it.each([0, 1, 15, 16, 17, 125, 4096, 4097, 65_536])('gives exactly %i bytes', (byteLength) => {
    const bytes = Uint8Array.from({ length: byteLength + 5 }, (_, index) => index * 7);
    const expected = bytes.slice(2, 2 + byteLength);
    const copied = copy(bytes, 2, 2 + byteLength);
    bytes.fill(0);
    expect(Buffer.compare(copied, expected)).toBe(0);
  });

  it('never gives the same memory twice', () => {
    const bytes = new Uint8Array(100);
    const all = Array.from({ length: 500 }, (_, index) => copy(bytes, 0, index % 100).fill(index));
    const intact = all.map((copied, index) => copied.every((octet) => octet === index % 256));
    expect(intact).toEqual(all.map(() => true));
  });
}

function maskContract({ applyMask }: Primitives): void {
  it('masks "Hello" as RFC 6455 §5.7 does', () => {
    const bytes = Uint8Array.of(0x48, 0x65, 0x6c, 0x6c, 0x6f);
    applyMask(bytes, 0, 5, 0x37fa213d, 0);
    expect([...bytes]).toEqual([0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  });

  it('does it at every alignment and position, and touches nothing beside', () => {
    for (const length of [...Array(140).keys(), 1000, 65_537]) {
      for (let alignment = 0; alignment < 8; alignment++) {
        // From 2^32 on a position does not fit into a word.
        const position = (alignment % 2) * 2 ** 33 + (length % 4);
        const key = 0xfedcba98;
        const [given, expected] = [memory(alignment, length), memory(alignment, length)];
        applyMask(given, 2, 2 + length, key, position);
        purePrimitives.applyMask(expected, 2, 2 + length, key, position);
        if (!sameBytes(given, expected)) expect.fail(`length ${length}, alignment ${alignment}`);
      }
    }
  });

  it.each([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])('takes the key %i', (key) => {
    for (const length of [3, 300]) {
      const [given, expected] = [memory(0, length), memory(0, length)];
      applyMask(given, 0, length, key, 1);
      purePrimitives.applyMask(expected, 0, length, key, 1);
      expect(sameBytes(given, expected)).toBe(true);
    }
  });
}

/** Bytes with two more on either side, at an offset within their memory. */
function memory(alignment: number, length: number): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(alignment + length + 4), alignment);
  return bytes.map((_, index) => index * 31 + 7);
}

/** Text of all planes, and lengths on both sides of where an implementation may change its ways. */
const TEXTS: readonly string[] = [
  '',
  'A',
  'plain ASCII',
  'é',
  '€',
  '😀',
  '\u0000',
  // A byte order mark is a character like others, wherever it stands.
  '\ufeffA\ufeff',
  '\ufffd\uffff\u{10ffff}\u{10000}\ud7ff\ue000',
  ...[15, 16, 23, 24, 25, 31, 32, 33, 63, 64, 1000, 5000, 70_000].flatMap((length) => [
    'x'.repeat(length),
    `${'x'.repeat(length - 1)}é`,
    `€${'x'.repeat(length)}`,
    '😀'.repeat(length),
  ]),
];

const LONE_SURROGATES = ['\ud800', '\udfff', 'A\ud800B', '\udc00\ud800', '😀\ud83d'.repeat(50)];

/** Octets that are not UTF-8, for their own sake or because they are cut. */
const NOT_UTF8 = [
  [0x80],
  [0xff],
  [0xc0, 0xaf],
  [0xc1, 0xbf],
  [0xc3],
  [0xc3, 0x28],
  [0xe0, 0x9f, 0xbf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf0, 0x9f, 0x98],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
];

function decodeContract({ decodeUtf8, isUtf8 }: Primitives): void {
  it('turns valid UTF-8 into the text, from start to end', () => {
    for (const text of TEXTS) {
      const bytes = surrounded(encode(text));
      const end = bytes.byteLength - 1;
      if (decodeUtf8(bytes, 1, end) !== text) expect.fail(`decodes ${shortened(text)} wrongly`);
      if (!isUtf8(bytes, 1, end)) expect.fail(`refuses ${shortened(text)}`);
    }
  });

  it('refuses what is not UTF-8, alone and among valid text', () => {
    for (const octets of NOT_UTF8) {
      for (const length of [0, 1, 20, 24, 32, 100]) {
        for (const filler of ['x'.repeat(length), 'é'.repeat(length)]) {
          const valid = encode(filler);
          for (const all of [
            [...valid, ...octets],
            [...octets, ...valid],
            [...valid, ...octets, ...valid],
          ]) {
            const bytes = surrounded(Uint8Array.from(all));
            const end = bytes.byteLength - 1;
            expect(decodeUtf8(bytes, 1, end)).toBeUndefined();
            expect(isUtf8(bytes, 1, end)).toBe(false);
          }
        }
      }
    }
  });

  it('agrees with the pure ones about every two octets, alone and in a long text', () => {
    const long = surrounded(new Uint8Array(48).fill(0x41));
    const end = long.byteLength - 1;
    for (let octets = 0; octets < 0x1_0000; octets++) {
      long[20] = octets >> 8;
      long[21] = octets & 0xff;
      for (const [from, to] of [
        [20, 22],
        [1, end],
      ] as const) {
        const expected = purePrimitives.decodeUtf8(long, from, to);
        const agrees = decodeUtf8(long, from, to) === expected;
        if (!agrees || isUtf8(long, from, to) !== (expected !== undefined)) {
          expect.fail(`octets ${octets.toString(16)}`);
        }
      }
    }
  });
}

function encodeContract({ encodeUtf8, utf8ByteLength }: Primitives): void {
  it('writes text as UTF-8, and says before how much that will be', () => {
    for (const text of TEXTS) {
      const expected = encode(text);
      const target = surrounded(new Uint8Array(expected.byteLength));
      const end = 1 + expected.byteLength;
      if (utf8ByteLength(text) !== expected.byteLength) expect.fail(`miscounts ${shortened(text)}`);
      if (encodeUtf8(text, target, 1) !== end) expect.fail(`misplaces ${shortened(text)}`);
      if (!sameBytes(target, surrounded(expected))) expect.fail(`miswrites ${shortened(text)}`);
    }
  });

  it('writes a lone surrogate as U+FFFD', () => {
    for (const text of LONE_SURROGATES) {
      const expected = encode(text.replace(/\p{Surrogate}/gu, '\ufffd'));
      const target = new Uint8Array(expected.byteLength);
      expect(utf8ByteLength(text)).toBe(expected.byteLength);
      expect(encodeUtf8(text, target, 0)).toBe(expected.byteLength);
      expect(target).toEqual(expected);
    }
  });
}

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(purePrimitives.utf8ByteLength(text));
  purePrimitives.encodeUtf8(text, bytes, 0);
  return bytes;
}

/** With an octet on either side that would spoil the text if it were taken for a part of it. */
function surrounded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(bytes.byteLength + 2).fill(0xff);
  all.set(bytes, 1);
  return all;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((octet, index) => octet === other[index]);
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 20 ? `${text.slice(0, 20)}…` : text);
}

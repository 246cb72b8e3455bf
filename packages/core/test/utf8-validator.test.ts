import { isUtf8 as runtimeIsUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Utf8Validator } from '../src/utf8-validator.ts';
import { fromHex, joinBytes } from './hex.ts';
import { BORDER_OCTETS, UTF8_SAMPLES } from './utf8-samples.ts';

const encoder = new TextEncoder();

/** With and without a runtime's own validator; that it is asked at all is seen by `asked`. */
const KINDS = [
  ['by itself', () => new Utf8Validator()],
  [
    'with the help of the runtime',
    () => new Utf8Validator((bytes, start, end) => runtimeIsUtf8(bytes.subarray(start, end))),
  ],
] as const;

describe.each(KINDS)('RFC 6455 §8.1, UTF-8 that comes in pieces, validated %s', (_, create) => {
  it.each(UTF8_SAMPLES)('judges %s, wherever it is cut', (_name, hex, valid) => {
    const bytes = fromHex(hex);
    for (let cut = 0; cut <= bytes.byteLength; cut++) {
      expect(judge(create(), [bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(valid);
    }
  });

  it.each(UTF8_SAMPLES)('judges %s between long texts, wherever it is cut', (_name, hex, valid) => {
    const bytes = joinBytes([
      encoder.encode('é'.repeat(30)),
      fromHex(hex),
      encoder.encode('€'.repeat(30)),
    ]);
    for (let cut = 0; cut <= bytes.byteLength; cut++) {
      expect(judge(create(), [bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(valid);
    }
  });

  it('agrees with the runtime about long random texts with a random fault, however cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 20, maxLength: 200 }),
        fc.option(fc.tuple(fc.nat(), fc.constantFrom(...BORDER_OCTETS)), { nil: undefined }),
        fc.array(fc.nat(), { maxLength: 5 }),
        (text, fault, cuts) => {
          const bytes = encoder.encode(text);
          if (fault !== undefined) bytes[fault[0] % bytes.byteLength] = fault[1];
          const offsets = cuts.map((cut) => cut % bytes.byteLength).sort((a, b) => a - b);
          const pieces = [0, ...offsets].map((offset, index) =>
            bytes.subarray(offset, offsets[index]),
          );
          expect(judge(create(), pieces)).toBe(runtimeIsUtf8(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('can be used again after reset', () => {
    const validator = create();
    expect(validator.push(fromHex('f0 9f'), 0, 2)).toBe(true);
    expect(validator.complete).toBe(false);
    validator.reset();
    expect(validator.complete).toBe(true);
    // After f0 the next octet had to be at least 90: that is forgotten, too.
    expect(validator.push(fromHex('e1 80 80'), 0, 3)).toBe(true);
    expect(validator.complete).toBe(true);
  });
});

describe('RFC 6455 §8.1, UTF-8 that comes octet by octet', () => {
  it('is refused at the first octet that no continuation makes good', () => {
    // The runtime's own decoder of streams throws there, too.
    const leads = BORDER_OCTETS.filter((octet) => octet >= 0x80);
    for (const first of leads) {
      for (const second of BORDER_OCTETS) {
        for (const third of BORDER_OCTETS) {
          const bytes = Uint8Array.of(first, second, third, 0x80);
          if (firstRefused(bytes) !== firstRefusedByRuntime(bytes)) expect.fail(`octets ${bytes}`);
        }
      }
    }
  });
});

describe('the runtime’s validator', () => {
  it('is asked about whole characters, and not about short pieces', () => {
    const asked: string[] = [];
    const validator = new Utf8Validator((bytes, start, end) => {
      asked.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end)));
      return true;
    });
    const bytes = encoder.encode(`é${'x'.repeat(40)}€`);
    expect(validator.push(bytes, 0, 1)).toBe(true);
    expect(validator.push(bytes, 1, bytes.byteLength - 1)).toBe(true);
    expect(validator.push(bytes, bytes.byteLength - 1, bytes.byteLength)).toBe(true);
    expect(validator.complete).toBe(true);
    expect(asked).toEqual(['x'.repeat(40)]);
  });

  it('is asked about nothing behind a piece, whatever stands there', () => {
    const bytes = joinBytes([new Uint8Array(40).fill(0x41), fromHex('e2 82 41 41')]);
    const validator = new Utf8Validator((all, start, end) =>
      runtimeIsUtf8(all.subarray(start, end)),
    );
    expect(validator.push(bytes, 0, 42)).toBe(true);
    expect(validator.push(fromHex('ac'), 0, 1)).toBe(true);
    expect(validator.complete).toBe(true);
  });

  it.each([
    ['that end well', '41', true],
    ['whose last are four continuation octets, which nothing precedes', '80 80 80 80', false],
    ['whose last character is whole', 'f0 9f 98 80', true],
  ])('judges long pieces %s', (_, tail, valid) => {
    const bytes = joinBytes([new Uint8Array(40).fill(0x41), fromHex(tail)]);
    const validator = new Utf8Validator((all, start, end) =>
      runtimeIsUtf8(all.subarray(start, end)),
    );
    expect(validator.push(bytes, 0, bytes.byteLength)).toBe(valid);
  });
});

function judge(validator: Utf8Validator, pieces: readonly Uint8Array[]): boolean {
  return pieces.every((piece) => validator.push(piece, 0, piece.byteLength)) && validator.complete;
}

function firstRefused(bytes: Uint8Array): number {
  const validator = new Utf8Validator();
  return bytes.findIndex((octet) => !validator.push(Uint8Array.of(octet), 0, 1));
}

function firstRefusedByRuntime(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return bytes.findIndex((octet) => {
    try {
      decoder.decode(Uint8Array.of(octet), { stream: true });
      return false;
    } catch {
      return true;
    }
  });
}

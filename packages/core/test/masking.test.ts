import { describe, expect, it } from 'vitest';
import { applyMask } from '../src/masking.ts';
import { fromHex, toHex } from './hex.ts';

const KEY = 0x37fa213d;
const KEY_OCTETS = fromHex('37 fa 21 3d');

/** §5.3, word by word. */
function transformed(original: Uint8Array, position: number, key: Uint8Array): Uint8Array {
  return original.map((octet, i) => octet ^ (key[(position + i) % 4] ?? 0));
}

function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 37 + 11);
}

describe('RFC 6455 §5.3, client-to-server masking', () => {
  it('masks "Hello" as the example of §5.7 does, and unmasks it', () => {
    const bytes = fromHex('48 65 6c 6c 6f');
    applyMask(bytes, 0, 5, KEY);
    expect(toHex(bytes)).toBe('7f 9f 4d 51 58');
    applyMask(bytes, 0, 5, KEY, 0);
    expect(toHex(bytes)).toBe('48 65 6c 6c 6f');
  });

  it.each([0x0000_0000, 0x0000_0001, 0x8000_0000, 0xffff_ffff, 0x0102_0304])(
    'transforms by the octets of the key %i, the most significant first',
    (key) => {
      const view = new DataView(new ArrayBuffer(4));
      view.setUint32(0, key);
      for (const length of [5, 200]) {
        const bytes = someBytes(length);
        applyMask(bytes, 0, length, key);
        expect(bytes).toEqual(transformed(someBytes(length), 0, new Uint8Array(view.buffer)));
      }
    },
  );

  it('is the same at every length, alignment and position', () => {
    for (let alignment = 0; alignment < 8; alignment++) {
      for (let position = 0; position < 4; position++) {
        for (let length = 0; length < 130; length++) {
          const memory = new Uint8Array(alignment + length + 3).fill(0xee);
          const bytes = memory.subarray(alignment);
          bytes.set(someBytes(length), 1);
          applyMask(bytes, 1, 1 + length, KEY, position);
          const expected = transformed(someBytes(length), position, KEY_OCTETS);
          if (toHex(bytes.subarray(1, 1 + length)) !== toHex(expected)) {
            expect.fail(`alignment ${alignment}, position ${position}, length ${length}`);
          }
          // What lies beside it stays as it is.
          expect([bytes[0], bytes[1 + length], memory.at(-1)]).toEqual([0xee, 0xee, 0xee]);
        }
      }
    }
  });

  it('can be done in pieces, cut anywhere, even beyond 4 GiB of payload', () => {
    for (const position of [0, 2 ** 31, 2 ** 32, 2 ** 40]) {
      for (let cut = 0; cut <= 150; cut++) {
        const bytes = someBytes(150);
        applyMask(bytes, 0, cut, KEY, position);
        applyMask(bytes, cut, 150, KEY, position + cut);
        if (toHex(bytes) !== toHex(transformed(someBytes(150), 0, KEY_OCTETS))) {
          expect.fail(`position ${position}, cut at ${cut}`);
        }
      }
    }
  });
});

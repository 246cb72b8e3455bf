import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { expectNothingUncaught } from '../uncaught.ts';
import { hex, NO_TAKEOVER, Pulling, TAKEOVER } from './inflate-all.ts';
import { PATHS } from './paths.ts';

expectNothingUncaught();

const HELLO = hex('f2 48 cd c9 c9 07 00');

/** The bytes as one message's payload data. */
function compress(bytes: Uint8Array, windowBits = 15): Uint8Array {
  const flushed = deflateRawSync(bytes, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return flushed.subarray(0, -4);
}

function everyCut(bytes: Uint8Array): Uint8Array[][] {
  return Array.from(bytes, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
}

const EXAMPLES: Record<string, readonly [payload: string, text: string]> = {
  '§7.2.3.1, one block': ['f2 48 cd c9 c9 07 00', 'Hello'],
  '§7.2.3.3, a block with no compression': ['00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'],
  '§7.2.3.4, a final block': ['f3 48 cd c9 c9 07 00 00', 'Hello'],
  '§7.2.3.5, two blocks': ['f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello'],
  '§7.2.3.6, nothing': ['00', ''],
  'nothing, in the fixed block of older zlibs': ['02 00', ''],
  'an empty final block': ['03 00 00', ''],
  'two final blocks': ['f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00', 'HelloHello'],
};

describe.each(PATHS)('RFC 7692 §7.2.2, decompression by $path', ({ fast }) => {
  describe.each([TAKEOVER, NO_TAKEOVER])('with takeover: $takeover', (context) => {
    it.each(Object.entries(EXAMPLES))('inflates %s, however it is cut', async (_, example) => {
      const [payload, text] = example;
      const pulling = new Pulling(context, fast);
      const bytes = hex(payload);
      for (const pieces of [
        [bytes],
        [...bytes].map((byte) => Uint8Array.of(byte)),
        ...everyCut(bytes),
      ]) {
        if (pieces.length === 0) continue;
        expect((await pulling.message(...pieces)).toString()).toBe(text);
        // What follows is not spoilt, whatever it was.
        expect((await pulling.message(HELLO)).toString()).toBe('Hello');
      }
      pulling.inflater.close();
    });

    it('inflates messages of any size, compressible or not', async () => {
      const pulling = new Pulling(context, fast);
      for (const length of [1, 2 ** 12 - 1, 2 ** 16, 2 ** 16 + 1, 2 ** 20]) {
        for (const bytes of [randomBytes(length), Buffer.alloc(length, 'weft and warp ')]) {
          expect((await pulling.message(compress(bytes))).equals(bytes)).toBe(true);
          // The last byte comes alone: only the tail is behind it.
          const payload = compress(bytes);
          const cut = [payload.subarray(0, -1), payload.subarray(-1)];
          expect((await pulling.message(...cut)).equals(bytes)).toBe(true);
        }
      }
      pulling.inflater.close();
    });
  });

  it('refers to the message before where the window lives on, §7.2.3.2', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    expect((await pulling.message(HELLO)).toString()).toBe('Hello');
    expect((await pulling.message(hex('f2 00 11 00 00'))).toString()).toBe('Hello');
    pulling.inflater.close();
  });

  it('has nothing to refer to where it does not', async () => {
    const pulling = new Pulling(NO_TAKEOVER, fast);
    await pulling.message(HELLO);
    await expect(pulling.message(hex('f2 00 11 00 00'))).rejects.toThrow(/DEFLATE/);
    pulling.inflater.close();
  });

  it.each([8, 9, 10, 11, 12, 13, 14, 15])('inflates with a window of 2 to the %i', async (bits) => {
    const pulling = new Pulling({ windowBits: bits, takeover: true }, fast);
    const bytes = Buffer.concat(
      Array.from({ length: 8 }, () => randomBytes(200).toString('hex')).map((text) =>
        Buffer.from(text),
      ),
    );
    // Asked for 8, Node compresses with 9, and tells nobody.
    expect((await pulling.message(compress(bytes, bits))).equals(bytes)).toBe(true);
    expect((await pulling.message(compress(bytes, bits))).equals(bytes)).toBe(true);
    pulling.inflater.close();
  });

  it('gives 64 MiB of zeros in pieces of 64 KiB, of which the caller takes what he wants', async () => {
    const bomb = compress(Buffer.alloc(2 ** 26));
    const pulling = new Pulling(TAKEOVER, fast);
    pulling.inflater.push(bomb, true);
    let total = 0;
    while (!pulling.inflater.drained) {
      const { length } = await pulling.next();
      expect(length).toBeLessThanOrEqual(2 ** 16);
      total += length;
    }
    expect(total).toBe(2 ** 26);
    pulling.inflater.push(bomb, true);
    for (let pulls = 0; pulls < 20; pulls++) await pulling.next();
    expect(pulling.inflater.drained).toBe(false);
    pulling.inflater.close();
  });

  it('goes on with a window that both ways of inflating have written', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    // Large enough for the thread pool to have a part in it.
    const large = Buffer.alloc(2 ** 20, randomBytes(1000));
    for (let round = 0; round < 5; round++) {
      expect((await pulling.message(compress(large))).equals(large)).toBe(true);
      expect((await pulling.message(HELLO)).toString()).toBe('Hello');
      expect((await pulling.message(hex('f2 00 11 00 00'))).toString()).toBe('Hello');
    }
    expect(pulling.wakes).toBeGreaterThan(0);
    pulling.inflater.close();
  });

  it('leaves to the thread pool what comes on top in one turn, however small each message is', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    const message = Buffer.alloc(2 ** 18, 'weft ');
    const payload = compress(message);
    for (let at = 0; at < 10; at++) {
      expect((await pulling.message(payload)).equals(message)).toBe(true);
    }
    expect(pulling.wakes > 0).toBe(!fast);
    for (let at = 0; at < 10; at++) {
      expect((await pulling.message(payload)).equals(message)).toBe(true);
    }
    expect(pulling.wakes).toBeGreaterThan(0);
    pulling.inflater.close();
  });

  it('leaves to the thread pool what has much to read and nothing to give', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    const emptyBlocks = Buffer.alloc(5 * 4_096, hex('00 00 00 ff ff'));
    const few = pulling.message(emptyBlocks, Buffer.alloc(1));
    expect((await few).toString()).toBe('');
    expect(pulling.wakes > 0).toBe(!fast);
    const many = pulling.message(...Array(4).fill(emptyBlocks), HELLO);
    expect((await many).toString()).toBe('Hello');
    expect(pulling.wakes).toBeGreaterThan(0);
    pulling.inflater.close();
  });

  it('inflates a large message that has final blocks within and at its end', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    const large = Buffer.alloc(2 ** 19, 'weft ');
    const final = deflateRawSync(large);
    for (let round = 0; round < 3; round++) {
      const whole = await pulling.message(Buffer.concat([final, final, final, Buffer.alloc(1)]));
      expect(whole.equals(Buffer.concat([large, large, large]))).toBe(true);
      const pieces = await pulling.message(final, final, final, Buffer.alloc(1));
      expect(pieces.equals(whole)).toBe(true);
    }
    pulling.inflater.close();
  });
});

describe.each(PATHS)('What is not DEFLATE data, by $path', ({ fast }) => {
  const INVALID = { name: 'ProtocolError', code: 'WS_DEFLATE_INVALID', closeCode: 1007 };

  it.each([
    ['a block of the reserved type', 'ff'],
    ['a length that is not its complement', '00 05 00 00 00 48'],
    ['a reference to before the beginning', 'f2 00 11 00 00'],
    ['the reserved type after a final block', 'f3 48 cd c9 c9 07 00 ff'],
  ])('is refused: %s', async (_, payload) => {
    for (const context of [TAKEOVER, NO_TAKEOVER]) {
      const pulling = new Pulling(context, fast);
      await expect(pulling.message(hex(payload))).rejects.toMatchObject(INVALID);
      await expect(pulling.next()).rejects.toMatchObject(INVALID);
      pulling.inflater.close();
    }
  });

  it('is refused in the part of a message that the thread pool inflates', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    const large = compress(randomBytes(2 ** 20));
    await expect(pulling.message(large, Buffer.alloc(8, 0xff))).rejects.toMatchObject(INVALID);
    pulling.inflater.close();
  });

  it('is refused where final blocks are all there is', async () => {
    const pulling = new Pulling(TAKEOVER, fast);
    const blocks = Buffer.alloc(2 ** 12, '0300', 'hex');
    await expect(pulling.message(blocks)).rejects.toMatchObject(INVALID);
    pulling.inflater.close();
  });

  it('does not spoil the next message, if it was cut short, where that has a window of its own', async () => {
    const pulling = new Pulling(NO_TAKEOVER, fast);
    const payload = compress(Buffer.from('The heddle lifts the warp.'));
    for (let length = 0; length < payload.length; length++) {
      // Whether it is an error depends on what the tail means where it comes to stand.
      await pulling.message(payload.subarray(0, length)).catch((error: unknown) => {
        expect(error).toMatchObject(INVALID);
        pulling.inflater.close();
      });
      expect((await pulling.message(HELLO)).toString()).toBe('Hello');
    }
    pulling.inflater.close();
  });
});

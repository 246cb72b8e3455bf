import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { DeflateContext } from '@heddle/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deflater } from '../../src/compression/deflater.ts';
import { deflatePool } from '../../src/compression/zlib-pool.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';
import { hex, NO_TAKEOVER, Pulling, TAKEOVER } from './inflate-all.ts';
import { PATHS } from './paths.ts';

expectNothingUncaught();
afterEach(() => vi.restoreAllMocks());

const EFFORT = { level: 6, memLevel: 5 };
const NOTHING = new Uint8Array();

function deflater(context: DeflateContext, fast: boolean, effort = EFFORT): Deflater {
  return new Deflater(context, effort, fast);
}

/** The most that is compressed at once. */
const SMALL = 2 ** 14;

async function deflate(from: Deflater, bytes: Uint8Array, last = true): Promise<Uint8Array> {
  return from.deflate(bytes, last);
}

describe.each(PATHS)('RFC 7692 §7.2.1, compression by $path', ({ fast }) => {
  it('gives the examples of §7.2.3.1 and §7.2.3.2', async () => {
    const sends = deflater(TAKEOVER, fast);
    expect(Buffer.from(await deflate(sends, Buffer.from('Hello')))).toEqual(
      hex('f2 48 cd c9 c9 07 00'),
    );
    expect(Buffer.from(await deflate(sends, Buffer.from('Hello')))).toEqual(hex('f2 00 11 00 00'));
    sends.close();
  });

  it('gives the same for the same message where there is no takeover', async () => {
    const sends = deflater(NO_TAKEOVER, fast);
    for (let message = 0; message < 3; message++) {
      expect(Buffer.from(await deflate(sends, Buffer.from('Hello')))).toEqual(
        hex('f2 48 cd c9 c9 07 00'),
      );
    }
    sends.close();
  });

  it('gives a block with no compression where that is asked for, §7.2.3.3', async () => {
    const sends = deflater(TAKEOVER, fast, { level: 0, memLevel: 8 });
    expect(Buffer.from(await deflate(sends, Buffer.from('Hello')))).toEqual(
      hex('00 05 00 fa ff 48 65 6c 6c 6f 00'),
    );
    sends.close();
  });

  it.each([TAKEOVER, NO_TAKEOVER])(
    'gives 00 for an empty message, §7.2.3.6 (%o)',
    async (context) => {
      const sends = deflater(context, fast);
      for (let message = 0; message < 3; message++) {
        expect(await deflate(sends, NOTHING)).toEqual(Uint8Array.of(0));
        await deflate(sends, Buffer.from('between'));
        await deflate(sends, Buffer.alloc(SMALL + 1));
        expect(await deflate(sends, NOTHING)).toEqual(Uint8Array.of(0));
      }
      sends.close();
    },
  );

  it.each([TAKEOVER, NO_TAKEOVER])(
    'ends a message with an empty fragment (%o)',
    async (context) => {
      const sends = deflater(context, fast);
      const receives = new Pulling(context, fast);
      for (let message = 0; message < 3; message++) {
        const fragments = [
          await deflate(sends, NOTHING, false),
          await deflate(sends, Buffer.from('warp and '), false),
          await deflate(sends, NOTHING, false),
          await deflate(sends, Buffer.from('weft'), false),
          await deflate(sends, NOTHING, true),
        ];
        expect(fragments.map(({ length }) => length)).toEqual([
          0,
          expect.any(Number),
          0,
          expect.any(Number),
          1,
        ]);
        expect((await receives.message(...fragments)).toString()).toBe('warp and weft');
      }
      expect(sends.retainedBytes > 0).toBe(context.takeover);
      sends.close();
      receives.inflater.close();
    },
  );

  describe.each([9, 10, 11, 12, 13, 14, 15])('with a window of 2 to the %i', (windowBits) => {
    it.each([true, false])('is undone by the inflater (takeover: %s)', async (takeover) => {
      const context = { windowBits, takeover };
      const sends = deflater(context, fast);
      const receives = new Pulling(context, fast);
      for (const length of [1, 100, SMALL, SMALL + 1, 2 ** 16, 2 ** 20]) {
        for (const bytes of [randomBytes(length), Buffer.alloc(length, randomBytes(300))]) {
          const small = bytes.subarray(0, SMALL);
          expect((await receives.message(await deflate(sends, small))).equals(small)).toBe(true);
          // The same window, by the thread pool.
          const message = await deflate(sends, bytes);
          expect((await receives.message(message)).equals(bytes)).toBe(true);
          // And a message of which each fragment goes its own way.
          const fragments = [
            await deflate(sends, bytes, false),
            await deflate(sends, small, false),
            await deflate(sends, bytes, true),
          ];
          const whole = Buffer.concat([bytes, small, bytes]);
          expect((await receives.message(...fragments)).equals(whole)).toBe(true);
        }
      }
      sends.close();
      receives.inflater.close();
    });
  });

  it('starts anew after a reset, which any inflater follows', async () => {
    const sends = deflater(TAKEOVER, fast);
    const receives = new Pulling(TAKEOVER, fast);
    sends.reset();
    for (let message = 0; message < 3; message++) {
      const payload = await deflate(sends, Buffer.from('Hello'));
      expect(Buffer.from(payload)).toEqual(hex('f2 48 cd c9 c9 07 00'));
      expect((await receives.message(payload)).toString()).toBe('Hello');
      sends.reset();
      sends.reset();
    }
    sends.close();
    receives.inflater.close();
  });

  it('gives bytes that pin no other memory and change no more', async () => {
    const sends = deflater(TAKEOVER, fast);
    const hello = await deflate(sends, Buffer.from('Hello'));
    const copy = hello.slice();
    const large = await deflate(sends, randomBytes(2 ** 17));
    await deflate(sends, Buffer.from('weft'));
    expect(hello).toEqual(copy);
    for (const { buffer, byteLength } of [hello, large]) expect(buffer.byteLength).toBe(byteLength);
    sends.close();
  });
});

describe.each(PATHS)('What a deflater holds, by $path', ({ fast }) => {
  it('is nothing before the first message, nor when it is closed', async () => {
    const sends = deflater({ windowBits: 12, takeover: true }, fast);
    expect(sends.retainedBytes).toBe(0);
    await deflate(sends, Buffer.from('Hello'));
    expect(sends.retainedBytes).toBe(2 ** 14 + 2 ** 16 + 2 ** 13 + 2 ** 14);
    sends.close();
    expect(sends.retainedBytes).toBe(0);
  });

  it('is one object for all connections without takeover', async () => {
    const context = { windowBits: 13, takeover: false };
    const pool = deflatePool({ windowBits: 13, ...EFFORT }, fast);
    const many = Array.from({ length: 20 }, () => deflater(context, fast));
    for (const sends of many) await deflate(sends, Buffer.from('Hello'));
    expect(pool.idle).toBe(1);
    await Promise.all(many.map((sends) => deflate(sends, randomBytes(2 ** 16))));
    expect(pool.idle).toBe(4);
    for (const sends of many) expect(sends.retainedBytes).toBe(0);
  });

  it('has its listeners once, whatever the number of messages', async () => {
    const on = vi.spyOn(EventEmitter.prototype, 'on');
    const once = vi.spyOn(EventEmitter.prototype, 'once');
    const sends = deflater(TAKEOVER, fast);
    await deflate(sends, randomBytes(SMALL + 1));
    const calls = on.mock.calls.length + once.mock.calls.length;
    for (let message = 0; message < 10_000; message++) await deflate(sends, Buffer.from('Hello'));
    await deflate(sends, randomBytes(SMALL + 1));
    expect(on.mock.calls.length + once.mock.calls.length).toBe(calls);
    sends.close();
  });
});

describe.each(PATHS)('When a deflater is closed, by $path', ({ fast }) => {
  it.each([TAKEOVER, NO_TAKEOVER])(
    'rejects what is under way, heard or not (%o)',
    async (context) => {
      const sends = deflater(context, fast);
      const result = deflate(sends, randomBytes(2 ** 20));
      sends.close();
      await expect(result).rejects.toMatchObject({ code: 'WS_CLOSED' });
      const unheard = deflater(context, fast);
      void unheard.deflate(randomBytes(2 ** 20), true);
      await turn();
      unheard.close();
    },
  );

  it('leaves nothing of an unfinished message in the pool', async () => {
    const unfinished = deflater(NO_TAKEOVER, fast);
    await deflate(unfinished, Buffer.from('Hello'), false);
    unfinished.close();
    const sends = deflater(NO_TAKEOVER, fast);
    expect(Buffer.from(await deflate(sends, Buffer.from('Hello')))).toEqual(
      hex('f2 48 cd c9 c9 07 00'),
    );
  });

  it('may have been used never, or be closed already', () => {
    const sends = deflater(TAKEOVER, fast);
    sends.close();
    sends.close();
    expect(() => sends.deflate(Buffer.from('Hello'), true)).toThrow(/ended/);
    expect(() => sends.deflate(Buffer.alloc(SMALL + 1), true)).toThrow(/ended/);
  });
});

describe('The greatest piece to compress at once', () => {
  it('is 16 KiB, and nothing where there is no fast path', () => {
    const how = (length: number, fast: boolean) => {
      const sends = deflater(TAKEOVER, fast);
      const deflated = sends.deflate(new Uint8Array(length), true);
      if (deflated instanceof Promise) deflated.catch(() => {});
      sends.close();
      return deflated instanceof Promise ? 'thread pool' : 'at once';
    };
    expect([how(SMALL, true), how(SMALL + 1, true)]).toEqual(['at once', 'thread pool']);
    expect([how(0, false), how(1, false)]).toEqual(['at once', 'thread pool']);
  });

  it.each([1, 5, 9])(
    'may be random, whatever blocks zlib makes of it (memLevel %i)',
    async (memLevel) => {
      for (const level of [0, 1, 6, 9]) {
        const sends = deflater(TAKEOVER, true, { level, memLevel });
        const receives = new Pulling(TAKEOVER, true);
        const bytes = randomBytes(SMALL);
        expect((await receives.message(await deflate(sends, bytes))).equals(bytes)).toBe(true);
        sends.close();
        receives.inflater.close();
      }
    },
  );
});

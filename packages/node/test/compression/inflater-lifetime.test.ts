import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NodeInflater } from '../../src/compression/inflater.ts';
import { inflatePool } from '../../src/compression/zlib-pool.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';
import { hex, NO_TAKEOVER, Pulling, TAKEOVER } from './inflate-all.ts';
import { PATHS } from './paths.ts';

expectNothingUncaught();
afterEach(() => vi.restoreAllMocks());

const HELLO = hex('f2 48 cd c9 c9 07 00');
const LARGE = deflateRawSync(randomBytes(2 ** 21), {
  finishFlush: constants.Z_SYNC_FLUSH,
}).subarray(0, -4);

describe.each(PATHS)('What an inflater holds, by $path', ({ fast }) => {
  it('is nothing before the first message', () => {
    const { inflater } = new Pulling(TAKEOVER, fast);
    expect(inflater).toMatchObject({ drained: true, retainedBytes: 0 });
    expect(inflater.pull()).toHaveLength(0);
    inflater.close();
  });

  it('is a window and its surroundings between messages with takeover', async () => {
    const pulling = new Pulling({ windowBits: 10, takeover: true }, fast);
    await pulling.message(HELLO);
    expect(pulling.inflater.retainedBytes).toBe(2 ** 10 + 2 ** 14);
    pulling.inflater.close();
    expect(pulling.inflater.retainedBytes).toBe(0);
  });

  it('is nothing between messages without it', async () => {
    const pulling = new Pulling(NO_TAKEOVER, fast);
    pulling.inflater.push(HELLO.subarray(0, 3), false);
    await pulling.drain();
    expect(pulling.inflater.retainedBytes).toBe(2 ** 15 + 2 ** 14);
    await pulling.message(HELLO.subarray(3));
    expect(pulling.inflater.retainedBytes).toBe(0);
  });

  it('comes from a pool that does not grow, and goes back into it', async () => {
    const context = { windowBits: 11, takeover: false };
    const pool = inflatePool(11, fast);
    const many = Array.from({ length: 20 }, () => new Pulling(context, fast));
    for (const { inflater } of many) inflater.push(HELLO.subarray(0, 3), false);
    await Promise.all(many.map((pulling) => pulling.drain()));
    expect(pool.idle).toBe(0);
    await Promise.all(many.map((pulling) => pulling.message(HELLO.subarray(3))));
    expect(pool.idle).toBe(4);
    for (const pulling of many) expect((await pulling.message(HELLO)).toString()).toBe('Hello');
    expect(pool.idle).toBe(4);
  });

  it('leaves nothing of a message in the pool that was not heard out', async () => {
    const context = { windowBits: 12, takeover: false };
    for (let pulls = 0; pulls < 4; pulls++) {
      const pulling = new Pulling(context, fast);
      pulling.inflater.push(LARGE, true);
      for (let pull = 0; pull < pulls; pull++) await pulling.next();
      pulling.inflater.close();
      expect((await new Pulling(context, fast).message(HELLO)).toString()).toBe('Hello');
    }
  });

  it('has its listeners once, whatever the number of messages', async () => {
    const on = vi.spyOn(EventEmitter.prototype, 'on');
    const once = vi.spyOn(EventEmitter.prototype, 'once');
    const pulling = new Pulling(TAKEOVER, fast);
    await pulling.message(LARGE);
    for (let message = 0; message < 10; message++) await pulling.message(HELLO);
    const calls = on.mock.calls.length + once.mock.calls.length;
    for (let message = 0; message < 10_000; message++) await pulling.message(HELLO);
    expect(on.mock.calls.length + once.mock.calls.length).toBe(calls);
    pulling.inflater.close();
  });
});

describe.each(PATHS)('When it is closed, by $path', ({ fast }) => {
  it.each([TAKEOVER, NO_TAKEOVER])('wakes nobody any more (%o)', async (context) => {
    for (let pulls = 0; pulls < 30; pulls++) {
      const wake = vi.fn();
      const inflater = new NodeInflater(context, wake, fast);
      inflater.push(LARGE, true);
      for (let pull = 0; pull < pulls; pull++) {
        if (inflater.pull() === undefined) await turn();
      }
      wake.mockClear();
      inflater.close();
      expect(inflater).toMatchObject({ drained: true, retainedBytes: 0 });
      await turn();
      expect(wake).not.toHaveBeenCalled();
    }
  });

  it('does not mind invalid data that the thread pool is at', async () => {
    const wake = vi.fn();
    const inflater = new NodeInflater(TAKEOVER, wake, fast);
    inflater.push(Buffer.alloc(2 ** 16, 0xff), false);
    // The fast path finds out at once.
    if (fast) expect(() => inflater.pull()).toThrow(/DEFLATE/);
    else expect(inflater.pull()).toBeUndefined();
    inflater.close();
    await turn();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(wake).not.toHaveBeenCalled();
  });

  it('may be closed before it was used, and between messages', async () => {
    new NodeInflater(TAKEOVER, () => {}, fast).close();
    const pulling = new Pulling(TAKEOVER, fast);
    await pulling.message(HELLO);
    pulling.inflater.close();
    pulling.inflater.close();
  });
});

describe.each(PATHS)('Waking, by $path', ({ fast }) => {
  it('never happens within a call', async () => {
    let within = false;
    let wakes = 0;
    const inflater = new NodeInflater(
      TAKEOVER,
      () => {
        expect(within).toBe(false);
        wakes++;
      },
      fast,
    );
    const call = <T>(does: () => T): T => {
      within = true;
      const result = does();
      within = false;
      return result;
    };
    for (let round = 0; round < 3; round++) {
      call(() => inflater.push(LARGE, true));
      while (!inflater.drained) {
        const before = wakes;
        if (call(() => inflater.pull()) !== undefined) continue;
        while (wakes === before) await turn();
        // Once: nobody has pulled since.
        await turn();
        expect(wakes).toBe(before + 1);
      }
    }
    inflater.close();
  });
});

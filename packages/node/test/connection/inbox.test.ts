import type { Message } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { Inbox } from '../../src/connection/inbox.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const MEBIBYTE = 2 ** 20;

/** An inbox, and an application that listens when a test says so. */
function inboxOf(maxMessageBytes = MEBIBYTE) {
  const application = {
    listener: undefined as ((message: Message) => void) | undefined,
    delivered: [] as Message[],
    refuses: (_message: Message) => false,
    flowChanges: 0,
    holds: 0,
  };
  const inbox = new Inbox(
    {
      applyFlow: () => {
        application.flowChanges++;
      },
      hold: () => {
        application.holds++;
      },
      streaming: false,
      putTogether: () => {},
      retainedBytes: 0,
      failConnection: () => {},
    },
    {
      hasListener: () => application.listener !== undefined,
      deliver: (message) => {
        application.delivered.push(message);
        application.listener?.(message);
      },
      open: (message) =>
        application.refuses(message) ? undefined : { value: message, done: false },
    },
    { maxMessageBytes, maxRetainedBytes: 4 * MEBIBYTE },
  );
  const listen = (listener: (message: Message) => void = () => {}) => {
    inbox.listenerAdded();
    application.listener = listener;
  };
  return { inbox, application, listen };
}

describe('Messages before there is a consumer', () => {
  it('wait, and go to the first listener in order, behind whatever else it sets up', async () => {
    const { inbox, application, listen } = inboxOf();
    inbox.take('1');
    inbox.take('2');
    listen();
    expect(application.delivered).toEqual([]);
    inbox.take('3');
    await turn();
    inbox.take('4');
    expect(application.delivered).toEqual(['1', '2', '3', '4']);
    expect(inbox.bytes).toBe(0);
  });

  it('wait, and go to an iterator', async () => {
    const { inbox } = inboxOf();
    inbox.take('1');
    inbox.take('2');
    const iterator = inbox.iterate();
    expect(await iterator.next()).toEqual({ value: '1', done: false });
    expect(await iterator.next()).toEqual({ value: '2', done: false });
  });

  it.each([
    ['64 messages', 64, () => ''],
    ['1 MiB', 16, () => 'x'.repeat(65_536)],
    ['the size of the largest message', 1, () => 'x'.repeat(10), 10],
  ])('have the peer wait from %s on', (_, count, message, maxMessageBytes = 2 * MEBIBYTE) => {
    const { inbox } = inboxOf(maxMessageBytes);
    for (let index = 1; index < count; index++) inbox.take(message());
    expect(inbox.readingWanted).toBe(true);
    inbox.take(message());
    expect(inbox.readingWanted).toBe(false);
  });

  it('have nothing more come of the same read from 1 MiB on', () => {
    const { inbox, application } = inboxOf();
    for (let index = 0; index < 15; index++) inbox.take('x'.repeat(65_536));
    expect(application.holds).toBe(0);
    inbox.take('x'.repeat(65_536));
    expect(application.holds).toBe(1);
  });

  it('count what they hold, and an overhead for each', () => {
    const { inbox } = inboxOf();
    inbox.take('abc');
    inbox.take(new Uint8Array(1_000));
    expect(inbox.bytes).toBe(1_003 + 2 * 128);
    inbox.discard();
    expect(inbox.bytes).toBe(0);
    expect(inbox.readingWanted).toBe(true);
  });

  it('are dropped once nobody will come any more', async () => {
    const { inbox, application, listen } = inboxOf();
    inbox.take('1');
    inbox.release();
    inbox.take('2');
    await turn();
    inbox.take('3');
    expect(inbox.bytes).toBe(0);
    listen();
    inbox.take('4');
    await turn();
    expect(application.delivered).toEqual(['4']);
  });

  it('are not dropped by that if a listener came in the same turn', async () => {
    const { inbox, application, listen } = inboxOf();
    inbox.take('1');
    inbox.release();
    listen();
    await turn();
    expect(application.delivered).toEqual(['1']);
  });
});

describe('Listeners that come and go', () => {
  it('get one message each, and none is lost between them', async () => {
    const { inbox, application, listen } = inboxOf();
    const once = async () => {
      const first = new Promise<Message>((resolve) => {
        listen((message) => {
          application.listener = undefined;
          resolve(message);
        });
      });
      return await first;
    };
    for (const message of ['1', '2', '3', '4', '5']) inbox.take(message);
    const got: Message[] = [];
    for (let index = 0; index < 5; index++) {
      got.push(await once());
      await turn();
    }
    expect(got).toEqual(['1', '2', '3', '4', '5']);
  });

  it('may pause in the middle of a read', async () => {
    const { inbox, application, listen } = inboxOf();
    listen((message) => {
      if (message === '2') inbox.pause();
    });
    for (const message of ['1', '2', '3', '4']) inbox.take(message);
    expect(application.delivered).toEqual(['1', '2']);
    expect(inbox.readingWanted).toBe(false);
    inbox.resume();
    expect(application.delivered).toEqual(['1', '2']);
    inbox.take('5');
    await turn();
    expect(application.delivered).toEqual(['1', '2', '3', '4', '5']);
    expect(inbox.readingWanted).toBe(true);
  });

  it('may pause again while what waited is delivered', async () => {
    const { inbox, application, listen } = inboxOf();
    for (const message of ['1', '2', '3']) inbox.take(message);
    listen((message) => {
      if (message === '2') inbox.pause();
    });
    await turn();
    expect(application.delivered).toEqual(['1', '2']);
    expect(inbox.readingWanted).toBe(false);
  });

  it('may discard while what waited is delivered', async () => {
    const { inbox, application, listen } = inboxOf();
    for (const message of ['1', '2', '3']) inbox.take(message);
    listen(() => inbox.discard());
    await turn();
    expect(application.delivered).toEqual(['1']);
    expect(inbox.bytes).toBe(0);
  });

  it('get what waited even after the end', async () => {
    const { inbox, application, listen } = inboxOf();
    inbox.take('1');
    inbox.end(undefined);
    listen();
    await turn();
    expect(application.delivered).toEqual(['1']);
  });

  it('may be followed by an iterator in the middle of what waited', async () => {
    const { inbox, application, listen } = inboxOf();
    for (const message of ['1', '2', '3']) inbox.take(message);
    const iterators: AsyncIterator<unknown>[] = [];
    listen(() => {
      application.listener = undefined;
      iterators.push(inbox.iterate());
    });
    await turn();
    expect(application.delivered).toEqual(['1']);
    expect(await iterators[0]?.next()).toEqual({ value: '2', done: false });
  });
});

describe('An iterator', () => {
  it('gets messages as it asks, and meanwhile the peer waits', async () => {
    const { inbox } = inboxOf();
    const iterator = inbox.iterate();
    const first = iterator.next();
    expect(inbox.readingWanted).toBe(true);
    inbox.take('1');
    expect(await first).toEqual({ value: '1', done: false });
    inbox.take('2');
    inbox.take('3');
    expect(inbox.readingWanted).toBe(false);
    await iterator.next();
    expect(inbox.readingWanted).toBe(false);
    await iterator.next();
    expect(inbox.readingWanted).toBe(true);
  });

  it('may be asked several times at once', async () => {
    const { inbox } = inboxOf();
    const iterator = inbox.iterate();
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    inbox.take('1');
    inbox.take('2');
    inbox.end(undefined);
    expect(await Promise.all(asked)).toEqual([
      { value: '1', done: false },
      { value: '2', done: false },
      { value: undefined, done: true },
    ]);
  });

  it('ends with the connection, after what still waited', async () => {
    const { inbox } = inboxOf();
    inbox.take('1');
    inbox.end(undefined);
    const iterator = inbox.iterate();
    expect(await iterator.next()).toEqual({ value: '1', done: false });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('leaves what comes after it to the next consumer', async () => {
    const { inbox, application, listen } = inboxOf();
    for (const message of ['1', '2', '3', '4']) inbox.take(message);
    inbox.release();
    for await (const message of inbox.iterate()) if (message === '2') break;
    expect(inbox.readingWanted).toBe(true);
    const second = inbox.iterate();
    expect(await second.next()).toEqual({ value: '3', done: false });
    await second.return?.();
    inbox.take('5');
    listen();
    await turn();
    expect(application.delivered).toEqual(['4', '5']);
  });

  it('that is left holds what comes, even where nobody was to come any more', async () => {
    const { inbox, application, listen } = inboxOf();
    inbox.release();
    await turn();
    await inbox.iterate().return?.();
    inbox.take('1');
    await turn();
    expect(inbox.bytes).toBeGreaterThan(0);
    listen();
    await turn();
    expect(application.delivered).toEqual(['1']);
  });

  it('makes the flow change when it comes, takes and is left', async () => {
    const { inbox, application } = inboxOf();
    const changes = () => application.flowChanges;
    inbox.take('1');
    inbox.take('2');
    expect(inbox.readingWanted).toBe(true);
    let before = changes();
    const iterator = inbox.iterate();
    expect(inbox.readingWanted).toBe(false);
    expect(changes()).toBeGreaterThan(before);
    before = changes();
    await iterator.next();
    expect(changes()).toBeGreaterThan(before);
    before = changes();
    await iterator.return?.();
    expect(inbox.readingWanted).toBe(true);
    expect(changes()).toBeGreaterThan(before);
  });

  it('that is over takes nothing from the next one and does not end it', async () => {
    const { inbox } = inboxOf();
    const first = inbox.iterate();
    await first.return?.();
    const second = inbox.iterate();
    const asked = second.next();
    expect(await first.next()).toEqual({ value: undefined, done: true });
    expect(await first.return?.()).toEqual({ value: undefined, done: true });
    inbox.take('1');
    expect(await asked).toEqual({ value: '1', done: false });
  });

  it('that is left while it is asked ends', async () => {
    const { inbox } = inboxOf();
    const iterator = inbox.iterate();
    const asked = iterator.next();
    await iterator.return?.();
    expect(await asked).toEqual({ value: undefined, done: true });
  });

  it('gets nothing while paused, and afterwards all', async () => {
    const { inbox } = inboxOf();
    const iterator = inbox.iterate();
    const asked = [iterator.next(), iterator.next()];
    inbox.pause();
    inbox.take('1');
    inbox.take('2');
    expect(await settled(Promise.race(asked))).toBe('pending');
    inbox.resume();
    expect(await Promise.all(asked)).toEqual([
      { value: '1', done: false },
      { value: '2', done: false },
    ]);
  });

  it('ends although it is paused, after what had come', async () => {
    const { inbox } = inboxOf();
    const iterator = inbox.iterate();
    inbox.pause();
    const asked = [iterator.next(), iterator.next()];
    inbox.take('1');
    inbox.end(undefined);
    expect(await Promise.all(asked)).toEqual([
      { value: '1', done: false },
      { value: undefined, done: true },
    ]);
  });

  it('does not see a message that is refused, whether it had asked or not', async () => {
    const { inbox, application } = inboxOf();
    application.refuses = (message) => message === 'bad';
    const iterator = inbox.iterate();
    const asked = iterator.next();
    for (const message of ['bad', '1', 'bad', 'bad', '2']) inbox.take(message);
    expect(await asked).toEqual({ value: '1', done: false });
    expect(await iterator.next()).toEqual({ value: '2', done: false });
    expect(inbox.bytes).toBe(0);
  });

  it('is its own iterable', () => {
    const iterator = inboxOf().inbox.iterate();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
  });
});

describe('A second consumer', () => {
  const code = { code: 'WS_ALREADY_CONSUMED' };

  it('is refused: an iterator beside an iterator', () => {
    const { inbox } = inboxOf();
    inbox.iterate();
    expect(() => inbox.iterate()).toThrow(expect.objectContaining(code));
  });

  it('is refused: an iterator beside a listener', () => {
    const { inbox, listen } = inboxOf();
    listen();
    expect(() => inbox.iterate()).toThrow(expect.objectContaining(code));
  });

  it('is refused: a listener beside an iterator', () => {
    const { inbox } = inboxOf();
    inbox.iterate();
    expect(() => inbox.listenerAdded()).toThrow(expect.objectContaining(code));
  });

  it('may come when the connection has ended and the iterator has seen that', async () => {
    const { inbox } = inboxOf();
    const iterator = inbox.iterate();
    inbox.end(undefined);
    await iterator.next();
    expect(() => inbox.iterate()).not.toThrow();
  });
});

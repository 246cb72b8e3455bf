import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { describe, expect, it } from 'vitest';
import type { MessageSource } from '../../src/connection/send-stream.ts';
import { driveSource } from '../drive-source.ts';
import { close, opcodesOf, readServer } from '../frames.ts';
import { openHeld } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

const closed = { code: 'WS_CLOSED' };
const never = () => new Promise<never>(() => {});

async function* failing(error: Error, ...pieces: string[]) {
  yield* pieces;
  await turn();
  throw error;
}

/** An async iterator that gives steps where others give promises of them. */
function answering(pieces: unknown[], returns?: unknown) {
  const steps = pieces.values();
  const iterator = { next: () => steps.next(), return: returns };
  return { [Symbol.asyncIterator]: () => iterator } as object as MessageSource;
}

function fail(): never {
  throw new Error('of return');
}

describe('A source that answers without promises', () => {
  it('is read, as `for await` reads it', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream(answering(['a', 'b']));
    await turn();
    expect(readServer(transport.written)).toEqual(['ab']);
  });

  it('fails where its answer is no step', async () => {
    const { socket } = openHeld();
    const next = () => undefined;
    const source = { [Symbol.asyncIterator]: () => ({ next }) } as object as MessageSource;
    await expect(socket.sendStream(source)).rejects.toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['answers', () => ({ done: true, value: undefined })],
    ['throws', fail],
    ['rejects', async () => fail()],
    ['cannot be called', 'no function'],
  ])('is left because of an error that stays the same where its return %s', async (_, returns) => {
    const { socket } = openHeld();
    const sent = socket.sendStream(answering([1], returns));
    await expect(sent).rejects.toMatchObject({ code: 'WS_UNSUPPORTED_MESSAGE' });
  });
});

describe('A source that fails', () => {
  it('before its first piece: nothing is sent, and the connection goes on', async () => {
    const { socket, transport } = openHeld();
    const error = new Error('no piece');
    const sent = socket.sendStream(failing(error));
    socket.send('behind');
    await expect(sent).rejects.toBe(error);
    await socket.sendStream(['another']);
    await turn();
    expect(readServer(transport.written)).toEqual(['behind', 'another']);
    expect(socket.state).toBe('open');
  });

  it('behind pieces of which nothing was sent: the connection goes on', async () => {
    const { socket, transport } = openHeld();
    const error = new Error('no piece');
    await expect(socket.sendStream(failing(error, '', '\ud83d'))).rejects.toBe(error);
    socket.send('behind');
    await turn();
    expect(readServer(transport.written)).toEqual(['behind']);
  });

  it('within the message: 1011 at once, and nothing that waited', async () => {
    const { socket, transport } = openHeld({ closingTimeoutMs: 30 });
    const error = new Error('half');
    const sent = socket.sendStream(failing(error, 'a'));
    socket.send('behind');
    const second = socket.sendStream(['second']);
    await expect(sent).rejects.toBe(error);
    await turn();
    expect(opcodesOf(transport.written)).toEqual([1, 8]);
    expect(readServer(transport.written)).toEqual([['close', 1011, '']]);
    await expect(second).rejects.toMatchObject(closed);
    expect((await socket.closed).error).toBe(error);
  });

  it('within the message while we close: the close frame comes at once', async () => {
    const { socket, transport } = openHeld({ closingTimeoutMs: 30 });
    const error = new Error('half');
    const sent = socket.sendStream(failing(error, 'a'));
    await Promise.resolve();
    void socket.close(4_000);
    await expect(sent).rejects.toBe(error);
    await turn();
    expect(opcodesOf(transport.written)).toEqual([1, 8]);
    await socket.closed;
  });

  it('is a mistake of who sends it: nobody else looks at the promise', async () => {
    const { socket } = openHeld();
    const error = new Error('no piece');
    void socket.sendStream(failing(error));
    await until(() => uncaught.length > 0, 'the rejection');
    expect(uncaught.splice(0)).toEqual([error]);
  });

  it('as a stream of Node does before it is its turn', async () => {
    const { socket, transport } = openHeld();
    const { pieces, gives } = driveSource();
    void socket.sendStream(pieces);
    await gives('a');
    const sent = socket.sendStream(createReadStream('/nowhere/at/all'));
    sent.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    void pieces.return(undefined);
    await gives('b');
    await expect(sent).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readServer(transport.written)).toEqual(['ab']);
  });

  it.each([
    ['a number', 1],
    ['null', null],
    ['an object', {}],
    ['an ArrayBuffer', new ArrayBuffer(1)],
  ])('because a piece is %s: WS_UNSUPPORTED_MESSAGE', async (_, piece) => {
    const { socket, transport } = openHeld({ closingTimeoutMs: 30 });
    const code = { code: 'WS_UNSUPPORTED_MESSAGE' };
    await expect(socket.sendStream([piece] as string[])).rejects.toMatchObject(code);
    expect(socket.state).toBe('open');
    let returned = false;
    function* pieces() {
      try {
        yield 'a';
        yield piece;
      } finally {
        returned = true;
      }
    }
    await expect(socket.sendStream(pieces() as Iterable<string>)).rejects.toMatchObject(code);
    await turn();
    expect(returned).toBe(true);
    expect(opcodesOf(transport.written)).toEqual([1, 8]);
    await socket.closed;
  });

  it('because it is locked', async () => {
    const { socket } = openHeld();
    const stream = new ReadableStream<string>();
    stream.getReader();
    await expect(socket.sendStream(stream as MessageSource)).rejects.toThrow(TypeError);
    socket.send('the connection goes on');
  });
});

describe('A connection that ends meanwhile', () => {
  const ends: [string, (held: ReturnType<typeof openHeld>) => void][] = [
    ['by the network', ({ transport }) => void transport.destroy(new Error('reset'))],
    ['by the peer', ({ transport }) => transport.delivers(close(1001))],
    ['by destroy()', ({ socket }) => socket.destroy()],
  ];
  const options = { closingTimeoutMs: 30 };

  it.each(ends)('%s ends the source while it is read', async (_, end) => {
    const held = openHeld(options);
    const state = { returned: false };
    async function* pieces() {
      try {
        for (;;) {
          yield Buffer.alloc(10_000);
          await turn();
        }
      } finally {
        state.returned = true;
      }
    }
    const sent = held.socket.sendStream(pieces());
    const waiting = held.socket.sendStream(['never']);
    await turn();
    end(held);
    await expect(sent).rejects.toMatchObject(closed);
    await expect(waiting).rejects.toMatchObject(closed);
    await until(() => state.returned, 'the end of the source');
  });

  it.each(ends)(
    '%s ends the promise although the source never gives another piece',
    async (_, end) => {
      const held = openHeld(options);
      const { pieces, gives } = driveSource();
      const sent = held.socket.sendStream(pieces);
      await gives('a');
      end(held);
      await expect(sent).rejects.toMatchObject(closed);
    },
  );

  it.each(ends)('%s ends the source while the peer does not read', async (_, end) => {
    const held = openHeld(options);
    held.transport.block();
    const state = { returned: false };
    function* pieces() {
      try {
        for (;;) yield Buffer.alloc(100_000);
      } finally {
        state.returned = true;
      }
    }
    const sent = held.socket.sendStream(pieces());
    await turn();
    end(held);
    await expect(sent).rejects.toMatchObject(closed);
    expect(state.returned).toBe(true);
  });

  it.each(ends)('%s destroys a stream of Node, read or not', async (_, end) => {
    const held = openHeld(options);
    const [first, second] = [new PassThrough(), new PassThrough()];
    const sent = [held.socket.sendStream(first), held.socket.sendStream(second)];
    first.write('a');
    await turn();
    end(held);
    for (const promise of sent) await expect(promise).rejects.toMatchObject(closed);
    expect([first.destroyed, second.destroyed]).toEqual([true, true]);
  });

  it.each(ends)('%s cancels a web stream, read or not', async (_, end) => {
    const held = openHeld(options);
    let cancelled = 0;
    const stream = () =>
      new ReadableStream<string>({
        pull: never,
        cancel: () => {
          cancelled++;
        },
      }) as MessageSource;
    const sent = [held.socket.sendStream(stream()), held.socket.sendStream(stream())];
    await turn();
    end(held);
    for (const promise of sent) await expect(promise).rejects.toMatchObject(closed);
    expect(cancelled).toBe(2);
  });

  it.each(ends)('%s is nobody’s mistake: no one need look at the promise', async (_, end) => {
    const held = openHeld(options);
    const { pieces, gives } = driveSource();
    void held.socket.sendStream(pieces);
    void held.socket.sendStream(['waits']);
    await gives('a');
    end(held);
    await held.socket.closed;
    void held.socket.sendStream(['too late']).catch(() => {});
  });

  it('before it: ClosedError, and the source is ended', async () => {
    const { socket, transport } = openHeld();
    transport.destroy();
    await socket.closed;
    const stream = new PassThrough();
    await expect(socket.sendStream(stream)).rejects.toMatchObject(closed);
    expect(stream.destroyed).toBe(true);
  });

  it('does not care how the source takes it', async () => {
    const { socket } = openHeld();
    const stubborn = {
      [Symbol.asyncIterator]: () => ({
        next: never,
        return: async () => {
          throw new Error('no');
        },
      }),
    };
    const sent = socket.sendStream(stubborn);
    await turn();
    socket.destroy();
    await expect(sent).rejects.toMatchObject(closed);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { type ConsumeOptions, consume } from '../../src/connection/consume.ts';
import { Deferred } from '../../src/deferred.ts';
import { close, readServer, text } from '../frames.ts';
import { connectionsOverTcp, openHeld } from '../open.ts';
import { atRest, settled, turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const unexpected = (error: unknown): never => {
  throw error;
};

/** A connection with a consumer whose calls the test answers; each message is its own name. */
function consumed(options: ConsumeOptions, failed: (error: unknown) => void = unexpected) {
  const { socket, transport } = openHeld();
  const calls = new Map<string, Deferred<string | Buffer | undefined>>();
  const handler = (message: string | Buffer) => {
    const call = new Deferred<string | Buffer | undefined>();
    calls.set(String(message), call);
    return call.promise;
  };
  const done = consume(socket, handler, options, failed);
  /** With the message itself, if no reply is given. */
  const answer = async (message: string, reply: string | Buffer = message) => {
    calls.get(message)?.resolve(reply);
    await turn();
  };
  const receive = async (...messages: string[]) => {
    transport.delivers(Buffer.concat(messages.map(text)));
    await turn();
  };
  const sent = () => readServer(transport.written);
  return { socket, transport, calls, done, answer, receive, sent };
}

const names = (calls: Map<string, unknown>) => [...calls.keys()];

describe('Messages that are consumed', () => {
  it('are handled one at a time, each when the reply before it was sent', async () => {
    const { calls, answer, receive, sent } = consumed({});
    await receive('1', '2', '3');
    expect(names(calls)).toEqual(['1']);
    await answer('1');
    expect([names(calls), sent()]).toEqual([['1', '2'], ['1']]);
    calls.get('2')?.resolve(undefined);
    await turn();
    await answer('3', Buffer.from([3]));
    expect(sent()).toEqual(['1', Buffer.from([3])]);
  });

  it('may be answered at once, and by what is not a promise', async () => {
    const [client, server] = connectionPair();
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    void consume(server, (message) => `re: ${message}`, {}, unexpected);
    for (let index = 0; index < 200; index++) client.send(`${index}`);
    await expect.poll(() => received.length).toBe(200);
    expect(received).toEqual(Array.from({ length: 200 }, (_, index) => `re: ${index}`));
  });

  it('are handled up to `concurrency` at once, and answered in order', async () => {
    const { calls, answer, receive, sent } = consumed({ concurrency: 3 });
    await receive('1', '2', '3', '4', '5');
    expect(names(calls)).toEqual(['1', '2', '3']);
    await answer('3');
    await answer('2');
    // Their places are not free before their replies are sent.
    expect([names(calls), sent()]).toEqual([['1', '2', '3'], []]);
    await answer('1');
    expect(sent()).toEqual(['1', '2', '3']);
    expect(names(calls)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('are answered as they finish where they need not be in order', async () => {
    const { calls, answer, receive, sent } = consumed({ concurrency: 2, ordered: false });
    await receive('1', '2', '3');
    await answer('2');
    expect([names(calls), sent()]).toEqual([['1', '2', '3'], ['2']]);
    await answer('3');
    await answer('1');
    expect(sent()).toEqual(['2', '3', '1']);
  });

  it('are not read while all places are taken', async () => {
    const { client, server } = await connectionsOverTcp({
      client: { limits: { maxBufferedBytes: 2 ** 28 } },
    });
    const calls: Deferred<undefined>[] = [];
    const handler = () => {
      const call = new Deferred<undefined>();
      calls.push(call);
      return call.promise;
    };
    void consume(server, handler, { concurrency: 2 }, unexpected);
    for (let index = 0; index < 200; index++) client.send(Buffer.alloc(100_000));
    await until(() => calls.length === 2, 'two messages');
    const waiting = await atRest(() => client.bufferedBytes);
    expect(calls.length).toBe(2);
    expect(waiting).toBeGreaterThan(1_000_000);
    for (let index = 0; index < 200; index++) {
      await until(() => calls.length > index, 'the next message');
      calls[index]?.resolve(undefined);
    }
    await until(() => client.bufferedBytes === 0, 'all messages');
  });
});

describe.each([true, false])('Replies that the peer does not read, ordered: %s', (ordered) => {
  it('keep the next message from being taken, and each other from being sent', async () => {
    const { socket, transport, calls, answer, receive, sent } = consumed({
      concurrency: 3,
      ordered,
    });
    await receive('1', '2', '3', '4', '5');
    transport.block();
    const reply = Buffer.alloc(100_000);
    await answer('1', reply);
    await answer('2', reply);
    expect(socket.bufferedBytes).toBeLessThan(200_000);
    expect(names(calls)).toEqual(['1', '2', '3']);
    transport.takeOne();
    await turn();
    expect(socket.bufferedBytes).toBeLessThan(200_000);
    transport.unblock();
    await turn();
    expect(names(calls)).toEqual(['1', '2', '3', '4', '5']);
    await answer('3');
    expect(sent()).toEqual([reply, reply, '3']);
  });

  it('leave the next message to who comes next', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const { socket, transport, answer, receive } = consumed({ concurrency: 2, ordered, signal });
    await receive('1', '2', '3');
    transport.block();
    await answer('1', Buffer.alloc(100_000));
    abort.abort();
    expect(await socket[Symbol.asyncIterator]().next()).toMatchObject({ value: '3' });
  });

  it('keep back a message that was asked for before', async () => {
    const { transport, calls, answer, receive } = consumed({ concurrency: 3, ordered });
    await receive('1');
    transport.block();
    await answer('1', Buffer.alloc(100_000));
    await receive('2');
    expect(names(calls)).toEqual(['1']);
    transport.unblock();
    await turn();
    expect(names(calls)).toEqual(['1', '2']);
  });

  it('are nobody’s mistake when the peer leaves', async () => {
    const { transport, done, answer, receive } = consumed({ concurrency: 2, ordered });
    await receive('1', '2');
    transport.block();
    await answer('1', Buffer.alloc(100_000));
    transport.destroy();
    await answer('2');
    await done;
  });
});

describe('A handler that fails', () => {
  it.each([true, false])('is told of, and no reply follows; ordered: %s', async (ordered) => {
    const failed = vi.fn();
    const { calls, done, answer, receive, sent } = consumed({ concurrency: 3, ordered }, failed);
    await receive('1', '2', '3', '4');
    const error = new Error('broken');
    calls.get('2')?.reject(error);
    await turn();
    expect(failed.mock.calls).toEqual([[error]]);
    await answer('1');
    expect(await settled(done)).toBe('pending');
    const another = new Error('broken too');
    calls.get('3')?.reject(another);
    await done;
    expect(failed.mock.calls).toEqual([[error], [another]]);
    expect([names(calls), sent()]).toEqual([['1', '2', '3'], []]);
  });

  it('may throw, and what it returns may be no message', async () => {
    const error = new Error('broken');
    const handlers = [
      () => {
        throw error;
      },
      () => 5 as never,
    ];
    const failures: unknown[] = [];
    for (const handler of handlers) {
      const { socket, transport } = openHeld();
      const done = consume(socket, handler, {}, (failure) => failures.push(failure));
      transport.delivers(text('1'));
      await done;
    }
    expect(failures).toEqual([error, expect.objectContaining({ code: 'WS_UNSUPPORTED_MESSAGE' })]);
  });
});

describe('The signal of a consumer', () => {
  it('ends the taking: handlers reply, and what comes waits for the next consumer', async () => {
    const abort = new AbortController();
    const { socket, calls, done, answer, receive, sent } = consumed({ signal: abort.signal });
    await receive('1', '2');
    abort.abort();
    await receive('3');
    expect(await settled(done)).toBe('pending');
    await answer('1');
    await done;
    expect([names(calls), sent()]).toEqual([['1'], ['1']]);
    const next = socket[Symbol.asyncIterator]();
    expect([(await next.next()).value, (await next.next()).value]).toEqual(['2', '3']);
  });

  it('ends it also while a message is awaited', async () => {
    const abort = new AbortController();
    const { done } = consumed({ signal: abort.signal });
    await turn();
    abort.abort();
    await done;
  });

  it('loses no message that comes in the moment it aborts', async () => {
    const abort = new AbortController();
    const { transport, calls, done, answer } = consumed({ signal: abort.signal });
    await turn();
    transport.delivers(text('1'));
    abort.abort();
    await turn();
    await answer('1');
    await done;
    expect(names(calls)).toEqual(['1']);
  });

  it('that has aborted lets nothing be taken', async () => {
    const { socket, calls, done, receive } = consumed({ signal: AbortSignal.abort() });
    await receive('1');
    await done;
    expect(names(calls)).toEqual([]);
    expect(await socket[Symbol.asyncIterator]().next()).toMatchObject({ value: '1' });
  });

  it('is forgotten when the consumer has ended', async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const { transport, done } = consumed({ signal });
    transport.destroy();
    await done;
    expect(remove).toHaveBeenCalledOnce();
  });
});

describe('A consumer', () => {
  it('ends with the connection, when all handlers have settled', async () => {
    const { socket, transport, done, answer, receive, sent } = consumed({ concurrency: 2 });
    await receive('1', '2');
    transport.delivers(close(1000));
    transport.push(null);
    await socket.closed;
    await answer('1');
    expect(await settled(done)).toBe('pending');
    await answer('2');
    await done;
    expect(sent()).toEqual([['close', 1000, '']]);
  });

  it('may reply after our own close(): nothing is sent', async () => {
    const { socket, transport, done, answer, receive } = consumed({});
    await receive('1');
    void socket.close();
    await answer('1');
    transport.destroy();
    await done;
  });

  it('is refused beside another', () => {
    const { socket } = openHeld();
    socket.on('message', () => {});
    const code = expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' });
    expect(() => consume(socket, () => {}, {}, unexpected)).toThrow(code);
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency must be a whole number from 1 to 65536, not 0'],
    [{ concurrency: 65_537 }, 'concurrency must be'],
    [{ concurrency: 1.5 }, 'concurrency must be'],
    [{ concurrency: '2' as never }, "not '2'"],
    [{ ordered: 1 as never }, 'ordered must be a boolean, not 1'],
    [{ signal: {} as never }, 'signal must be an AbortSignal, not {}'],
  ])('is refused with %o, and takes nothing', (options, words) => {
    const { socket } = openHeld();
    const wrong = () => consume(socket, () => {}, options, unexpected);
    expect(wrong).toThrow(words);
    expect(wrong).toThrow(expect.objectContaining({ code: 'WS_INVALID_OPTION' }));
    socket[Symbol.asyncIterator]();
  });

  it('takes handlers that return nothing, or a promise of it', () => {
    const { socket } = openHeld();
    const silent: () => void = () => {};
    void consume(socket, silent, { concurrency: 65_536 }, unexpected);
    const later: () => Promise<void> = async () => {};
    void consume(openHeld().socket, later, {}, unexpected);
    // @ts-expect-error: a number is no message.
    void consume(openHeld().socket, () => 5, {}, unexpected);
  });
});

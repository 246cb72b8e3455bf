import { describe, expect, it, vi } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { Deferred } from '../../src/deferred.ts';
import { connectionsOverTcp } from '../open.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** A handler whose calls a test answers one by one. */
function handlerByHand() {
  const calls: { message: unknown; answer: Deferred<unknown> }[] = [];
  const handler = (message: unknown): Promise<unknown> => {
    const answer = new Deferred<unknown>();
    calls.push({ message, answer });
    return answer.promise;
  };
  return { calls, handler };
}

function received(socket: { on(event: 'message', listener: (message: unknown) => void): unknown }) {
  const messages: unknown[] = [];
  socket.on('message', (message) => messages.push(message));
  return messages;
}

describe('consume', () => {
  it('calls one handler at a time, and sends what it returns', async () => {
    const [client, server] = connectionPair();
    const { calls, handler } = handlerByHand();
    const done = server.consume(handler);
    const replies = received(client);
    for (const message of ['1', '2', '3']) client.send(message);
    await expect.poll(() => calls.length).toBe(1);
    calls[0]?.answer.resolve('one');
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.answer.resolve(undefined);
    await expect.poll(() => calls.length).toBe(3);
    calls[2]?.answer.resolve(Buffer.from([3]));
    await expect.poll(() => replies).toEqual(['one', Buffer.from([3])]);
    expect(calls.map(({ message }) => message)).toEqual(['1', '2', '3']);
    await client.close();
    await done;
  });

  it('calls as many at once as it may, and replies in the order of the messages', async () => {
    const [client, server] = connectionPair();
    const { calls, handler } = handlerByHand();
    void server.consume(handler, { concurrency: 3 });
    const replies = received(client);
    for (const message of ['1', '2', '3', '4']) client.send(message);
    await expect.poll(() => calls.length).toBe(3);
    calls[2]?.answer.resolve('three');
    calls[1]?.answer.resolve('two');
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Their places are taken until the replies are sent.
    expect([replies, calls.length]).toEqual([[], 3]);
    calls[0]?.answer.resolve('one');
    await expect.poll(() => replies).toEqual(['one', 'two', 'three']);
    await expect.poll(() => calls.length).toBe(4);
    client.destroy();
  });

  it('replies as each is ready where the order does not matter', async () => {
    const [client, server] = connectionPair();
    const { calls, handler } = handlerByHand();
    void server.consume(handler, { concurrency: 2, ordered: false });
    const replies = received(client);
    for (const message of ['1', '2', '3']) client.send(message);
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.answer.resolve('two');
    await expect.poll(() => [replies, calls.length]).toEqual([['two'], 3]);
    client.destroy();
  });

  it('has TCP hold the peer back while all places are taken', async () => {
    const { client, server } = await connectionsOverTcp({
      client: { limits: { maxBufferedBytes: 2 ** 27 } },
    });
    const { calls, handler } = handlerByHand();
    void server.consume(handler, { concurrency: 2 });
    const message = Buffer.alloc(2 ** 20);
    for (let count = 0; count < 64; count++) client.send(message);
    await expect.poll(() => calls.length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(calls.length).toBe(2);
    // The kernel holds some MiB, we one read, and the rest is still the peer's.
    expect(client.bufferedBytes).toBeGreaterThan(2 ** 25);
    for (let index = 0; index < 64; index++) {
      await expect.poll(() => calls.length).toBeGreaterThan(index);
      calls[index]?.answer.resolve(undefined);
    }
    client.destroy();
  });

  it('waits for a peer that does not read its replies', async () => {
    const { client, server } = await connectionsOverTcp();
    client.pause();
    let replied = 0;
    void server.consume(() => {
      replied++;
      return Buffer.alloc(2 ** 18);
    });
    for (let count = 0; count < 200; count++) client.send('more');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = replied;
    expect(before).toBeLessThan(100);
    expect(server.bufferedBytes).toBeLessThan(2 ** 20);
    const replies = received(client);
    client.resume();
    await expect.poll(() => replies.length).toBe(200);
    client.destroy();
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('closes with 1011 when the handler %s, and sends no more replies', async (_, fail) => {
    const onError = vi.fn();
    const [client, server] = connectionPair({ onError });
    const late = new Deferred<string>();
    const done = server.consume((message) => (message === 'fail' ? fail() : late.promise), {
      concurrency: 2,
      ordered: false,
    });
    const replies = received(client);
    client.send('wait');
    client.send('fail');
    await expect.poll(() => onError.mock.calls.length).toBe(1);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ message: 'broken' });
    late.resolve('late');
    await done;
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(replies).toEqual([]);
  });

  it('stops when its signal aborts: what is under way is answered, the rest waits', async () => {
    const [client, server] = connectionPair();
    const { calls, handler } = handlerByHand();
    const abort = new AbortController();
    const done = server.consume(handler, { signal: abort.signal });
    const replies = received(client);
    for (const message of ['1', '2', '3']) client.send(message);
    await expect.poll(() => calls.length).toBe(1);
    abort.abort();
    calls[0]?.answer.resolve('one');
    await done;
    await expect.poll(() => replies).toEqual(['one']);
    const next = server[Symbol.asyncIterator]();
    expect([(await next.next()).value, (await next.next()).value]).toEqual(['2', '3']);
    client.destroy();
  });

  it('takes nothing if its signal has aborted before', async () => {
    const [client, server] = connectionPair();
    client.send('1');
    const handler = vi.fn();
    await server.consume(handler, { signal: AbortSignal.abort() });
    expect(handler).not.toHaveBeenCalled();
    const { value } = await server[Symbol.asyncIterator]().next();
    expect(value).toBe('1');
    client.destroy();
  });

  it('resolves when the connection ends, once every handler has settled', async () => {
    const [client, server] = connectionPair();
    const { calls, handler } = handlerByHand();
    let settled = false;
    const done = server.consume(handler).then(() => {
      settled = true;
    });
    client.send('1');
    await expect.poll(() => calls.length).toBe(1);
    client.destroy();
    await server.closed;
    expect(settled).toBe(false);
    calls[0]?.answer.resolve('too late');
    await done;
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency must be a whole number from 1 to 65536, not 0'],
    [{ concurrency: 1.5 }, 'concurrency must be'],
    [{ ordered: 'yes' as never }, "ordered must be a boolean, not 'yes'"],
    [{ signal: {} as never }, 'signal must be an AbortSignal, not {}'],
  ])('refuses %o', (options, message) => {
    const [client, server] = connectionPair();
    expect(() => server.consume(() => {}, options)).toThrow(message);
    expect(() => server.consume(() => {}, options)).toThrow(
      expect.objectContaining({ code: 'WS_INVALID_OPTION' }),
    );
    client.destroy();
  });

  it('is one consumer among others', () => {
    const [client, server] = connectionPair();
    server.on('message', () => {});
    expect(() => server.consume(() => {})).toThrow(
      expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' }),
    );
    client.destroy();
  });
});

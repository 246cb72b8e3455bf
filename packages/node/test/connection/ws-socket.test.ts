import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { WsSocket, type WsVersion } from '../../src/connection/ws-socket.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** A client, and the server's end as a handler for `ws` has it. */
function pair(version?: WsVersion, options: ConnectionOptions = {}) {
  const [client, connection] = connectionPair(options);
  return [client, new WsSocket(connection, version)] as const;
}

describe('A socket of ws', () => {
  it('hands over buffers in version 8, and says which are binary', async () => {
    const [client, server] = pair();
    const received: unknown[][] = [];
    client.send('early');
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.on('message', (...args) => received.push(args));
    client.send(Buffer.from([1, 2]));
    await expect
      .poll(() => received)
      .toEqual([
        [Buffer.from('early'), false],
        [Buffer.from([1, 2]), true],
      ]);
  });

  it('hands over strings and buffers in version 7', async () => {
    const [client, server] = pair(7);
    const received: unknown[][] = [];
    server.on('message', (...args) => received.push(args));
    client.send('text');
    client.send(Buffer.from([1, 2]));
    await expect.poll(() => received).toEqual([['text'], [Buffer.from([1, 2])]]);
    const closed = once(server, 'close');
    client.close(4001, 'enough');
    expect(await closed).toEqual([4001, 'enough']);
  });

  it('sends, and calls back', async () => {
    const [client, server] = pair();
    expect([server.readyState, server.protocol, server.bufferedAmount]).toEqual([1, '', 0]);
    const callback = vi.fn();
    server.send('text', callback);
    expect(await once(client, 'message')).toEqual(['text']);
    server.send(Buffer.from([3]), { binary: true }, callback);
    expect(await once(client, 'message')).toEqual([Buffer.from([3])]);
    await expect.poll(() => callback.mock.calls).toEqual([[], []]);
  });

  it('sends whatever ws sends, as text or as bytes', async () => {
    const [client, server] = pair();
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    server.send(7);
    server.send(new Uint8Array([1]).buffer);
    server.send(new Uint8Array([0, 2, 3]).subarray(1));
    server.send(new Uint16Array([4]));
    // How an echo is written for version 8.
    server.send(Buffer.from('grüß'), { binary: false });
    server.send('five', { binary: true });
    await expect
      .poll(() => received)
      .toEqual([
        '7',
        Buffer.from([1]),
        Buffer.from([2, 3]),
        Buffer.from([4, 0]),
        'grüß',
        Buffer.from('five'),
      ]);
    const unsupported = expect.objectContaining({ code: 'WS_UNSUPPORTED_MESSAGE' });
    expect(() => server.send({ text: 'hello' })).toThrow(unsupported);
    expect(() => server.send(null)).toThrow(unsupported);
    expect(() => server.send('half', { fin: false })).toThrow(unsupported);
  });

  it('pings', async () => {
    const [client, server] = pair();
    const pinged = once(client, 'ping');
    const ponged = once(server, 'pong');
    server.ping();
    await Promise.all([pinged, ponged]);
    const heard = once(server, 'ping');
    await Promise.all([client.ping(), heard]);
  });

  it('closes with a code and a reason, and tells of the peer', async () => {
    const [client, server] = pair();
    const closed = once(server, 'close');
    client.close(4001, 'enough');
    expect(await closed).toEqual([4001, Buffer.from('enough')]);
    expect(server.readyState).toBe(server.CLOSED);
    // Too late is no exception: `ws` tells the callback.
    const callback = vi.fn();
    server.send('anybody?');
    server.send('anybody?', callback);
    await expect.poll(() => callback.mock.calls).toMatchObject([[{ code: 'WS_CLOSED' }]]);

    const [other, mine] = pair();
    mine.close(4002, Buffer.from('mine'));
    expect(mine.readyState).toBe(mine.CLOSING);
    expect(await other.closed).toMatchObject({ code: 4002, reason: 'mine' });
  });

  it('emits an error if somebody listens, and terminates', async () => {
    const [client, server] = pair();
    const onError = vi.fn();
    server.on('error', onError);
    client.destroy();
    await expect.poll(() => onError.mock.calls).toMatchObject([[{ code: expect.any(String) }]]);

    const [other, mine] = pair();
    mine.terminate();
    expect(await other.closed).toMatchObject({ code: 1006 });
  });

  it('holds the peer back while it is paused', async () => {
    const [client, server] = pair();
    const received = vi.fn();
    server.on('message', received);
    server.pause();
    client.send('later');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(received).not.toHaveBeenCalled();
    server.resume();
    await expect.poll(() => received.mock.calls.length).toBe(1);
  });

  it.each(['throws', 'rejects'])('reports what a listener %s with', async (how) => {
    const onError = vi.fn();
    const [client, server] = pair(8, { onError });
    const failure = new Error('in a listener');
    server.on('message', () => {
      if (how === 'rejects') return Promise.reject(failure);
      throw failure;
    });
    client.send('hello');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(onError.mock.calls).toMatchObject([[failure, {}, undefined]]);
  });
});

describe.each([7, 8] as const)(
  'The half of a socket of ws %i that looks like the browser',
  (version) => {
    it('gives text as a string and bytes as a buffer', async () => {
      const [client, server] = pair(version);
      const received: unknown[] = [];
      server.onmessage = ({ data, type, target }) => received.push(data, type, target === server);
      client.send('text');
      client.send(Buffer.from([1]));
      await expect
        .poll(() => received)
        .toEqual(['text', 'message', true, Buffer.from([1]), 'message', true]);
    });

    it('tells of the end and of errors', async () => {
      const [client, server] = pair(version);
      const events: unknown[] = [];
      server.addEventListener('close', (event) => events.push(event));
      server.onerror = (event) => events.push(event);
      client.destroy();
      await expect
        .poll(() => events)
        .toMatchObject([
          { type: 'error', error: expect.any(Error), message: expect.any(String) },
          { type: 'close', code: 1006, reason: '', wasClean: false },
        ]);
    });

    it('has each listener once, and takes it off', async () => {
      const [client, server] = pair(version);
      const always = vi.fn();
      const single = vi.fn();
      const first = vi.fn();
      const second = vi.fn();
      server.addEventListener('message', always);
      server.addEventListener('message', always);
      server.addEventListener('message', single, { once: true });
      server.addEventListener('open', always);
      server.onmessage = first;
      server.onmessage = second;
      expect(server.onmessage).toBe(second);
      client.send('one');
      await expect.poll(() => always.mock.calls.length).toBe(1);
      server.removeEventListener('message', always);
      server.removeEventListener('message', always);
      client.send('two');
      await expect.poll(() => second.mock.calls.length).toBe(2);
      server.onmessage = undefined;
      expect(server.listenerCount('message')).toBe(0);
      const calls = [always, single, first].map(({ mock }) => mock.calls.length);
      expect(calls).toEqual([1, 1, 0]);
    });
  },
);

import { setMaxListeners } from 'node:events';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { BrowserEmitter } from '../../src/connection/browser-emitter.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { WsSocket } from '../../src/connection/ws-socket.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { openHeld } from '../open.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

type Pair = readonly [client: Connection, socket: BrowserEmitter<string | Buffer>];

/** What has `addEventListener`: a connection, and a socket of `ws`. Each with its peer. */
const kinds: Record<string, (options?: ConnectionOptions) => Pair> = {
  'a connection': (options) => connectionPair(options),
  'a socket of ws': (options) => {
    const [client, server] = connectionPair(options);
    return [client, new WsSocket(server)];
  },
};

describe.each(Object.entries(kinds))('A listener in the form of the browser, on %s', (_, pair) => {
  it('gets text as a string, bytes as a Buffer, and where they come from', async () => {
    const [client, socket] = pair();
    const events: unknown[] = [];
    socket.addEventListener('message', (event) => {
      expect([event.target, event.currentTarget]).toEqual([socket, socket]);
      events.push([event.type, event.data]);
    });
    client.send('text');
    client.send(Buffer.from([1]));
    await expect
      .poll(() => events)
      .toEqual([
        ['message', 'text'],
        ['message', Buffer.from([1])],
      ]);
  });

  it('gets the code and the reason of a clean close', async () => {
    const [client, socket] = pair();
    const closed = vi.fn();
    socket.addEventListener('close', closed);
    client.close(4001, 'enough');
    await expect.poll(() => closed.mock.calls.length).toBe(1);
    const event = closed.mock.calls[0]?.[0];
    expect(event).toMatchObject({ type: 'close', code: 4001, reason: 'enough', wasClean: true });
    expect(event.target).toBe(socket);
  });

  it('gets an error and its message, and an end that was not clean', async () => {
    const [client, socket] = pair();
    const events: Record<string, unknown>[] = [];
    socket.addEventListener('error', (event) => events.push({ ...event }));
    socket.addEventListener('close', (event) => events.push({ ...event }));
    client.destroy();
    await expect.poll(() => events.length).toBe(2);
    expect(events).toMatchObject([
      { type: 'error', error: { code: 'WS_CLOSED_WITHOUT_HANDSHAKE' } },
      { type: 'close', code: 1006, reason: '', wasClean: false },
    ]);
    const { error, message } = events[0] ?? {};
    expect(message).toBe((error as Error).message);
  });

  it('may be an object: its handleEvent is looked up at each event', async () => {
    const [client, socket] = pair();
    const seen: unknown[] = [];
    const listener = {
      name: 'listener',
      handleEvent(event: { data: unknown }) {
        seen.push(this.name, event.data);
        this.handleEvent = () => seen.push('replaced');
      },
    };
    socket.addEventListener('message', listener);
    client.send('one');
    client.send('two');
    await expect.poll(() => seen).toEqual(['listener', 'one', 'replaced']);
    socket.removeEventListener('message', listener);
    expect(socket.listenerCount('message')).toBe(0);
  });

  it('that is a function has the socket as `this`', async () => {
    const [client, socket] = pair();
    const seen: unknown[] = [];
    socket.addEventListener('message', function (this: unknown) {
      seen.push(this === socket);
    });
    client.send('one');
    await expect.poll(() => seen).toEqual([true]);
  });

  it('is there once, however often it is added, but for each type', () => {
    const [, socket] = pair();
    const listener = vi.fn();
    socket.addEventListener('message', listener);
    socket.addEventListener('message', listener, { once: true });
    socket.addEventListener('message', listener, true);
    socket.addEventListener('error', listener);
    expect([socket.listenerCount('message'), socket.listenerCount('error')]).toEqual([1, 1]);
    socket.removeEventListener('message', listener);
    socket.removeEventListener('message', listener);
    expect([socket.listenerCount('message'), socket.listenerCount('error')]).toEqual([0, 1]);
  });

  it('may come again after removeAllListeners()', () => {
    const [, socket] = pair();
    const listener = vi.fn();
    socket.addEventListener('error', listener);
    socket.removeAllListeners('error');
    socket.addEventListener('error', listener);
    expect(socket.listenerCount('error')).toBe(1);
  });

  it('with `once` gets one event, and may come again while it gets it', async () => {
    const [client, socket] = pair();
    const seen: unknown[] = [];
    const listener = ({ data }: { data: unknown }) => {
      seen.push(data);
      if (data === 'one') socket.addEventListener('message', listener, { once: true });
    };
    socket.addEventListener('message', listener, { once: true });
    // Else what comes next would wait for a listener.
    const all = vi.fn();
    socket.addEventListener('message', all);
    for (const message of ['one', 'two', 'three']) client.send(message);
    await expect.poll(() => all.mock.calls.length).toBe(3);
    expect(seen).toEqual(['one', 'two']);
  });

  it('leaves when its signal aborts, and never comes where it has aborted', () => {
    const [, socket] = pair();
    const abort = new AbortController();
    socket.addEventListener('error', () => {}, { signal: abort.signal });
    expect(socket.listenerCount('error')).toBe(1);
    abort.abort();
    expect(socket.listenerCount('error')).toBe(0);
    socket.addEventListener('error', () => {}, { signal: abort.signal });
    expect(socket.listenerCount('error')).toBe(0);
  });

  it.each(['removed', 'called once', 'aborted', 'left by the connection'])(
    'that is %s leaves nothing with its signal or the socket',
    async (how) => {
      const [client, socket] = pair();
      const { signal, added, abort } = countedSignal();
      const before = socket.listenerCount('close');
      const listener = vi.fn();
      socket.addEventListener('message', listener, { signal, once: how === 'called once' });
      expect([added(), socket.listenerCount('close')]).toEqual([1, before + 1]);
      if (how === 'removed') socket.removeEventListener('message', listener);
      if (how === 'called once') client.send('one');
      if (how === 'aborted') abort();
      if (how === 'left by the connection') client.destroy();
      await expect.poll(() => [added(), socket.listenerCount('close')]).toEqual([0, before]);
    },
  );

  it('leaves nothing with a signal that many share, and is no more than one of `close` with them', async () => {
    const [client, socket] = pair();
    const { signal, added } = countedSignal();
    const before = socket.listenerCount('close');
    const listeners = Array.from({ length: 11 }, () => vi.fn());
    socket.setMaxListeners(listeners.length + before);
    // Node 20 warns of many on a signal, too: that is its user's affair.
    setMaxListeners(listeners.length, signal);
    for (const listener of listeners) socket.addEventListener('message', listener, { signal });
    expect([added(), socket.listenerCount('close')]).toEqual([11, before + 1]);
    for (const listener of listeners.slice(0, 5)) socket.removeEventListener('message', listener);
    expect([added(), socket.listenerCount('close')]).toEqual([6, before + 1]);
    client.destroy();
    await expect.poll(() => [added(), socket.listenerCount('close')]).toEqual([0, before]);
  });

  it('of an event that there is not, or that is no listener, is no error', () => {
    const [, socket] = pair();
    const names = socket.eventNames();
    socket.addEventListener('open', () => {});
    socket.addEventListener('toString', () => {});
    socket.addEventListener('message', null);
    socket.removeEventListener('message', null);
    socket.removeEventListener('message', () => {});
    expect(socket.eventNames()).toEqual(names);
  });

  it.each([undefined, 1, 'text'])('that is %s is none, and takes nothing off', (listener) => {
    const [, socket] = pair();
    socket.on('message', () => {});
    socket.addEventListener('message', listener as never);
    expect(socket.listenerCount('message')).toBe(1);
    socket.removeEventListener('message', listener as never);
    expect(socket.listenerCount('message')).toBe(1);
  });

  it('does not take off what `on` has added', () => {
    const [, socket] = pair();
    const listener = vi.fn();
    socket.on('error', listener);
    socket.removeEventListener('error', listener);
    expect(socket.listenerCount('error')).toBe(1);
  });

  it.each(['throws', 'rejects'])('that %s closes with 1011', async (how) => {
    const onError = vi.fn();
    const [client, socket] = pair({ onError });
    const failure = new Error('in a listener');
    socket.addEventListener('message', {
      handleEvent: () => {
        if (how === 'rejects') return Promise.reject(failure);
        throw failure;
      },
    });
    client.send('hello');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(onError.mock.calls).toMatchObject([[failure, {}, undefined]]);
  });
});

describe('A connection that is listened to in the form of the browser', () => {
  it('delivers what waited, for such a listener is a consumer', async () => {
    const [client, server] = connectionPair();
    client.send('waited');
    await turn();
    const listener = vi.fn();
    server.addEventListener('message', listener);
    await expect.poll(() => listener.mock.calls).toMatchObject([[{ data: 'waited' }]]);
    const code = expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' });
    expect(() => server[Symbol.asyncIterator]()).toThrow(code);
  });

  it('refuses a listener beside an iterator, which may come when the iterator has left', async () => {
    const { socket } = openHeld();
    const iterator = socket[Symbol.asyncIterator]();
    const { signal, added } = countedSignal();
    const add = () => socket.addEventListener('message', listener, { signal });
    const listener = vi.fn();
    expect(add).toThrow(expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' }));
    expect([socket.listenerCount('message'), added()]).toEqual([0, 0]);
    await iterator.return?.();
    add();
    expect(socket.listenerCount('message')).toBe(1);
  });

  it('gives what its schema makes of a message', async () => {
    const message = (value: unknown) => ({ value: { wrapped: value } });
    const [client, server] = connectionPair<{ wrapped: unknown }>({ schema: { message } });
    const seen: unknown[] = [];
    server.addEventListener('message', ({ data }) => {
      expectTypeOf(data).toEqualTypeOf<{ wrapped: unknown }>();
      seen.push(data);
    });
    client.send('[1]');
    await expect.poll(() => seen).toEqual([{ wrapped: [1] }]);
  });

  it('knows what each event says', () => {
    const [, server] = connectionPair();
    server.addEventListener('close', (event) => {
      expectTypeOf(event.code).toEqualTypeOf<number>();
      expectTypeOf(event.wasClean).toEqualTypeOf<boolean>();
    });
    server.addEventListener('message', ({ data }) =>
      expectTypeOf(data).toEqualTypeOf<string | Buffer>(),
    );
    server.addEventListener('error', ({ message }) =>
      expectTypeOf(message).toEqualTypeOf<string>(),
    );
  });
});

describe('An `on…` property beside a listener', () => {
  it('is another one, even of the same function', async () => {
    const [client, server] = connectionPair();
    const socket = new WsSocket(server);
    const listener = vi.fn();
    socket.onmessage = listener;
    socket.addEventListener('message', listener);
    client.send('one');
    await expect.poll(() => listener.mock.calls.length).toBe(2);
    socket.onmessage = undefined;
    expect([socket.onmessage, socket.listenerCount('message')]).toEqual([undefined, 1]);
  });
});

/** A signal, how many listeners it has, and what aborts it. */
function countedSignal() {
  const { signal, abort } = withBoundAbort();
  const add = vi.spyOn(signal, 'addEventListener');
  const remove = vi.spyOn(signal, 'removeEventListener');
  const added = () => add.mock.calls.length - remove.mock.calls.length;
  return { signal, abort, added };
}

function withBoundAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

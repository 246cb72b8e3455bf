import { describe, expect, it } from 'vitest';
import { broadcast } from '../../src/connection/broadcast.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { prepare } from '../../src/connection/prepared-message.ts';
import { agree, framesOf, InflatingPeer, openCompressing, prose } from '../compressed.ts';
import { readServer } from '../frames.ts';
import type { HeldTransport } from '../held-transport.ts';
import { connectionsOverTcp, openHeld } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const limits = { highWaterMarkBytes: 1_000, maxBufferedBytes: 2_000 };
const kilobyte = (letter: string) => letter.repeat(1_000);
const socketsOf = (open: readonly { readonly socket: Connection }[]) =>
  open.map(({ socket }) => socket);

/** Every buffer that is handed to the transport from now on. */
function chunksOf(transport: HeldTransport): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const write = transport.write.bind(transport);
  transport.write = (chunk: Uint8Array, ...rest: never[]) => {
    chunks.push(chunk);
    return write(chunk, ...rest);
  };
  return chunks;
}

describe('broadcast', () => {
  it('sends to every socket that is open, and says how many took it', async () => {
    const open = Array.from({ length: 5 }, () => openHeld());
    const [, closing, destroyed] = open;
    void closing?.socket.close();
    destroyed?.socket.destroy();
    expect(broadcast(socketsOf(open), 'hello')).toBe(3);
    await turn();
    const read = open.map(({ transport }) => readServer(transport.written));
    expect(read).toEqual([['hello'], [['close', 1000, '']], [], ['hello'], ['hello']]);
  });

  it('takes what is prepared, and bytes, and any iterable', async () => {
    const { socket, transport } = openHeld();
    expect(broadcast(new Set([socket]), prepare('prepared'))).toBe(1);
    expect(broadcast(new Map([['a', socket]]).values(), Buffer.from([1]))).toBe(1);
    expect(broadcast([], 'nobody')).toBe(0);
    await turn();
    expect(readServer(transport.written)).toEqual(['prepared', Buffer.from([1])]);
  });

  it.each([null, undefined, 5, {}, { frame: Buffer.of(0x81, 0) }])('refuses %s', (message) => {
    const { socket } = openHeld();
    const code = 'WS_UNSUPPORTED_MESSAGE';
    expect(() => broadcast([socket], message as never)).toThrow(expect.objectContaining({ code }));
    expect(() => broadcast([], message as never)).toThrow(expect.objectContaining({ code }));
  });

  it('is understood by everybody, however each compresses', async () => {
    const agreements = [
      agree(true),
      agree({ serverMaxWindowBits: 15 }),
      agree({ serverNoContextTakeover: true }),
      agree({ serverMaxWindowBits: 9 }),
      agree(false),
    ];
    const open = agreements.map((agreement) => openCompressing({}, 'server', agreement));
    for (let seed = 0; seed < 3; seed++) {
      open[0]?.socket.send(prose(3_000, seed));
      expect(broadcast(socketsOf(open), prose(4_000, seed))).toBe(5);
    }
    await Promise.all(open.map(({ socket }) => socket.drained()));
    for (const [at, { transport }] of open.entries()) {
      const peer = new InflatingPeer(agreements[at]);
      const messages = await peer.reads(transport, at === 0 ? 6 : 3);
      const broadcasts = messages.filter(({ length }) => length === 4_000);
      expect(broadcasts).toEqual([0, 1, 2].map((seed) => prose(4_000, seed)));
    }
    const [rsv] = framesOf(open[4]?.transport.written ?? Buffer.alloc(0)).map((frame) => frame.rsv);
    expect(rsv).toBe(0);
  });

  it('leaves in one write for each, all that one turn has', async () => {
    const open = Array.from({ length: 4 }, () => openHeld());
    const chunks = open.map(({ transport }) => chunksOf(transport));
    const messages = Array.from({ length: 10 }, (_, at) => `message ${at}`);
    for (const message of messages) broadcast(socketsOf(open), message);
    await turn();
    for (const { transport } of open) {
      expect(transport.writes).toHaveLength(1);
      expect(readServer(transport.written)).toEqual(messages);
    }
    // The first has them one by one; its run, joined, is what all others write.
    expect(chunks.map(({ length }) => length)).toEqual([10, 1, 1, 1]);
    expect(chunks[2]?.[0]).toBe(chunks[1]?.[0]);
    expect(chunks[3]?.[0]).toBe(chunks[1]?.[0]);
  });

  it('keeps its order with what each is sent for itself', async () => {
    const open = Array.from({ length: 3 }, () => openHeld());
    broadcast(socketsOf(open), 'one');
    open[1]?.socket.send('for you');
    broadcast(socketsOf(open), 'two');
    broadcast(socketsOf(open), 'three');
    await turn();
    expect(open.map(({ transport }) => readServer(transport.written))).toEqual([
      ['one', 'two', 'three'],
      ['one', 'for you', 'two', 'three'],
      ['one', 'two', 'three'],
    ]);
  });

  it('goes on where a socket closes, or is destroyed, in the midst of it', async () => {
    const open = Array.from({ length: 4 }, () => openHeld());
    function* leaving() {
      for (const [at, { socket }] of open.entries()) {
        if (at === 1) void socket.close(1001);
        if (at === 2) socket.destroy();
        yield socket;
      }
    }
    expect(broadcast(leaving(), 'hello')).toBe(2);
    await turn();
    expect(readServer(open[3]?.transport.written ?? Buffer.alloc(0))).toEqual(['hello']);
  });

  it('goes on where one is closed because its limit is reached, and has left the set', async () => {
    const sockets = new Set<Connection>();
    const open = Array.from({ length: 3 }, () => openHeld({ limits }));
    for (const { socket } of open) {
      sockets.add(socket);
      void socket.closed.then(() => sockets.delete(socket));
    }
    open[1]?.transport.block();
    for (const letter of ['a', 'b', 'c', 'd']) {
      broadcast(sockets, kilobyte(letter));
      await turn();
    }
    expect(open[1]?.socket.state).toBe('closing');
    open[1]?.transport.unblock();
    open[1]?.transport.push(null);
    await until(() => sockets.size === 2, 'the end');
    expect(broadcast(sockets, 'e')).toBe(2);
    await turn();
    const all = [...['a', 'b', 'c', 'd'].map(kilobyte), 'e'];
    expect(readServer(open[0]?.transport.written ?? Buffer.alloc(0))).toEqual(all);
    expect(readServer(open[2]?.transport.written ?? Buffer.alloc(0))).toEqual(all);
    const [first, [kind, code] = []] = readServer(
      open[1]?.transport.written ?? Buffer.alloc(0),
    ) as [string, unknown[]?];
    expect([first, kind, code]).toEqual([kilobyte('a'), 'close', 1013]);
  });

  it('counts those whom it had to wait for as not having taken it', () => {
    const open = [openHeld({ limits }), openHeld({ limits, slowConsumer: 'drop-newest' })];
    expect(broadcast(socketsOf(open), 'first')).toBe(2);
    open[1]?.transport.block();
    expect(broadcast(socketsOf(open), kilobyte('a'))).toBe(1);
    expect(broadcast(socketsOf(open), kilobyte('b'))).toBe(1);
  });
});

describe('A broadcast to one who does not read', () => {
  const coalesce = (message: string | Uint8Array) => String(message).slice(0, 1);

  it.each([
    ['drop-newest', 'drop-newest', ['a', 'b']],
    ['drop-oldest', 'drop-oldest', ['a', 'e']],
    ['coalesce', { coalesce }, ['a', 'e']],
  ] as const)('falls under its policy: %s', async (_, slowConsumer, expected) => {
    const slow = openHeld({ limits, slowConsumer });
    const good = openHeld({ limits, slowConsumer });
    slow.transport.block();
    for (const letter of ['a', 'b', 'c', 'd', 'e']) {
      broadcast([slow.socket, good.socket], prepare(kilobyte(letter)));
      await turn();
    }
    slow.transport.unblock();
    await slow.socket.drained();
    expect(readServer(slow.transport.written)).toEqual(expected.map(kilobyte));
    const all = ['a', 'b', 'c', 'd', 'e'].map(kilobyte);
    expect(readServer(good.transport.written)).toEqual(all);
  });

  it('gives coalesce the message that was prepared', async () => {
    const given: unknown[] = [];
    const slowConsumer = { coalesce: (message: unknown) => given.push(message) };
    const { socket, transport } = openHeld({ limits, slowConsumer });
    transport.block();
    for (const message of [kilobyte('a'), 'text', Buffer.from([1])]) broadcast([socket], message);
    expect(given).toEqual(['text', Buffer.from([1])]);
  });

  it('whose coalesce throws reaches all others, and then throws the first error', async () => {
    const errors = [new Error('of the first'), new Error('of the second')];
    const failing = errors.map((error) => {
      const coalesce = () => {
        throw error;
      };
      const open = openHeld({ limits, slowConsumer: { coalesce } });
      open.transport.block();
      open.socket.send(kilobyte('a'));
      return open;
    });
    const good = Array.from({ length: 2 }, () => openHeld());
    const open = [...failing, ...good];
    expect(() => broadcast(socketsOf(open), kilobyte('b'))).toThrow(errors[0]);
    await turn();
    for (const { transport } of good)
      expect(readServer(transport.written)).toEqual([kilobyte('b')]);
    expect(open.map(({ socket }) => socket.state)).toEqual(Array(4).fill('open'));
  });

  it.each(['close', 'drop-newest', 'drop-oldest', 'coalesce'] as const)(
    'delays nobody over TCP, and the others get everything in order: %s',
    async (policy) => {
      const keyed = (message: string | Uint8Array) => Number.parseInt(String(message), 10) % 5;
      const slowConsumer = policy === 'coalesce' ? { coalesce: keyed } : policy;
      const pairs = await Promise.all(
        Array.from({ length: 8 }, () =>
          connectionsOverTcp({ server: { slowConsumer, closingTimeoutMs: 100 } }),
        ),
      );
      const [stuck, ...good] = pairs;
      if (stuck === undefined) throw new Error('no pair');
      stuck.client.pause();
      const received = good.map(({ client }) => {
        const numbers: number[] = [];
        client.on('message', (message) => numbers.push(Number.parseInt(String(message), 10)));
        return numbers;
      });
      const sockets = pairs.map(({ server }) => server);
      const rounds = 400;
      for (let at = 0; at < rounds; at++) {
        broadcast(sockets, `${at} `.padEnd(20_000, 'x'));
        // Each good one takes it before the next.
        if (at % 4 === 3) await until(() => received.every(({ length }) => length > at), 'it');
        expect(stuck.server.bufferedBytes).toBeLessThan(2 ** 20 + 20_200);
      }
      await until(() => received.every(({ length }) => length === rounds), 'everything');
      for (const numbers of received) expect(numbers).toEqual(numbers.map((_, at) => at));
      if (policy === 'close') {
        expect((await stuck.server.closed).error).toMatchObject({ code: 'WS_SLOW_CONSUMER' });
        return;
      }
      const late: number[] = [];
      stuck.client.on('message', (message) => late.push(Number.parseInt(String(message), 10)));
      stuck.client.resume();
      await stuck.server.drained();
      stuck.server.send('last');
      await until(() => Number.isNaN(late.at(-1)), 'the last one');
      late.pop();
      if (policy !== 'coalesce') expect(late).toEqual(late.toSorted((one, other) => one - other));
      expect(late.length).toBeLessThan(rounds);
      expect(late.includes(rounds - 1)).toBe(policy !== 'drop-newest');
    },
  );
});

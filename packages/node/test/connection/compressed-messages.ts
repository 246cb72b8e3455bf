import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { constants, deflateRawSync } from 'node:zlib';
import { portOf, type ScriptedPeer } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { broadcast } from '../../src/connection/broadcast.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { prepare } from '../../src/connection/prepared-message.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { prose } from '../compressed.ts';
import { closeCodeOf, deflated, openToPeer } from '../compressing-peer.ts';
import { RunningServer } from '../running-server.ts';
import { settled, turn, until } from '../turns.ts';

type Http = 1 | 2;
type Message = string | Buffer;

interface Pair {
  readonly client: Connection;
  readonly server: Connection;
}

/** Two connections that compress, over a live server. */
async function open(http: Http, options: ConnectionOptions = {}): Promise<Pair> {
  const accepted: Connection[] = [];
  const compressing = { compression: true, ...options };
  // The handler goes on, so that messages wait for whoever takes them.
  const take = (socket: Connection) => {
    accepted.push(socket);
    return socket.closed;
  };
  const port = await (http === 1 ? listen(compressing, take) : listenHttp2(compressing, take));
  const client = await connect(`ws://127.0.0.1:${port}/`, { http, ...compressing });
  onTestFinished(() => client.destroy());
  await until(() => accepted.length > 0, 'the connection');
  const [server] = accepted;
  if (server === undefined) throw new Error('no connection');
  expect([client.extensions, server.extensions]).toEqual([
    ['permessage-deflate'],
    ['permessage-deflate'],
  ]);
  return { client, server };
}

async function listen(options: ConnectionOptions, take: (socket: Connection) => unknown) {
  return (await RunningServer.start((server) => acceptWebSockets(server, options, take))).port;
}

async function listenHttp2(options: ConnectionOptions, take: (socket: Connection) => unknown) {
  const server = createHttp2Server();
  const sockets = acceptWebSockets(server, options, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    sockets.detach();
    await sockets.close({ timeoutMs: 0 });
    server.close();
  });
  return portOf(server);
}

function collect(socket: Connection): Message[] {
  const messages: Message[] = [];
  socket.on('message', (message) => messages.push(message));
  return messages;
}

/** Compares by content, which `toEqual` does of large buffers only in seconds. */
function expectSame(received: readonly Message[], sent: readonly Message[]): void {
  expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
  for (const [at, message] of sent.entries()) {
    const other = received[at] ?? '';
    const same = typeof message === 'string' ? other === message : message.equals(other as Buffer);
    expect(same, `message ${at}`).toBe(true);
  }
}

const plenty = { limits: { maxBufferedBytes: 2 ** 26 } };

/** Everything is to be the same whichever way zlib is called. */
export function describeCompressedMessages(): void {
  describe.each([1, 2] as const)('Over HTTP/%i', (http) => {
    describe.each(['client', 'server'] as const)('what a %s sends', (role) => {
      async function openFor(options: ConnectionOptions = {}) {
        const pair = await open(http, options);
        const receiver = role === 'client' ? pair.server : pair.client;
        return { sender: pair[role], receiver };
      }

      it('arrives as it was and in its order, and the close frame behind it', async () => {
        const { sender, receiver } = await openFor(plenty);
        const received = collect(receiver);
        const sent: Message[] = ['', Buffer.alloc(0)];
        for (const size of [1, 1_023, 1_024, 5_000, 16_384, 16_385, 70_000, 500_000, 1_000_000]) {
          sent.push(prose(size), randomBytes(size), 'in between', Buffer.alloc(size));
        }
        for (const [at, message] of sent.entries()) {
          sender.send(message, { compress: at % 7 !== 3 });
        }
        const closing = sender.close(4_000, 'done');
        expect(await receiver.closed).toMatchObject({
          code: 4_000,
          reason: 'done',
          wasClean: true,
        });
        expect(await closing).toMatchObject({ wasClean: true });
        expectSame(received, sent);
      });

      it('is counted while it is being compressed, and until the kernel has it', async () => {
        const { sender, receiver } = await openFor(plenty);
        const received = collect(receiver);
        const large = prose(900_000);
        expect(sender.send(large)).toBe(false);
        expect(sender.bufferedBytes).toBeGreaterThanOrEqual(900_000);
        expect(await settled(sender.drained())).toBe('pending');
        let drains = 0;
        sender.on('drain', () => drains++);
        await sender.drained();
        expect(sender.bufferedBytes).toBe(0);
        await until(() => received.length === 1 && drains === 1, 'the message');
        expectSame(received, [large]);
      });

      it('is lost when it is destroyed meanwhile, and nothing is left', async () => {
        const { sender, receiver } = await openFor(plenty);
        for (let at = 0; at < 3; at++) sender.send(prose(900_000, at));
        const drained = sender.drained();
        sender.destroy();
        await expect(drained).rejects.toMatchObject({ code: 'WS_CLOSED' });
        expect(sender.send('late')).toBe(false);
        expect((await sender.closed).code).toBe(1006);
        expect((await receiver.closed).code).toBe(1006);
        expect(sender.bufferedBytes).toBe(0);
      });

      it('is dropped by policy while one is being compressed, and in order', async () => {
        const limits = { highWaterMarkBytes: 65_536, maxBufferedBytes: 100_000 };
        const { sender, receiver } = await openFor({ limits, slowConsumer: 'drop-newest' });
        const received = collect(receiver);
        const large = prose(90_000);
        sender.send(large);
        for (let at = 0; at < 100; at++)
          sender.send(`${at} `.padEnd(1_000, 'x'), { compress: false });
        expect(sender.bufferedBytes).toBeLessThan(101_200);
        await sender.drained();
        sender.send('last');
        await until(() => received.at(-1) === 'last', 'the last one');
        expect(received[0]).toBe(large);
        const numbers = received.slice(1, -1).map((message) => Number.parseInt(`${message}`, 10));
        expect(numbers).toEqual(numbers.map((_, at) => at));
        expect(numbers.length).toBeGreaterThan(5);
        expect(numbers.length).toBeLessThan(20);
      });

      it('closes the connection by policy while one is being compressed', async () => {
        const { sender, receiver } = await openFor({ closingTimeoutMs: 1_000 });
        sender.send(prose(900_000));
        sender.send(prose(300_000));
        sender.send('one too many');
        expect(sender.state).toBe('closing');
        expect((await sender.closed).error).toMatchObject({ code: 'WS_SLOW_CONSUMER' });
        expect((await receiver.closed).code).toBe(1013);
      });

      it('may be a stream, between whose fragments pings pass, and behind which others wait', async () => {
        const { sender, receiver } = await openFor(plenty);
        const received = collect(receiver);
        const parts = [prose(70_000), prose(5, 1), prose(30_000, 2)];
        async function* source() {
          for (const part of parts) {
            yield part;
            expect(await receiver.ping()).toBeGreaterThan(0);
            sender.send('meanwhile');
          }
        }
        sender.send('before');
        await sender.sendStream(source(), { fragmentBytes: 10_000 });
        sender.send(prose(5_000));
        await until(() => received.length === 6, 'everything');
        const meanwhile = ['meanwhile', 'meanwhile', 'meanwhile'];
        expectSame(received, ['before', parts.join(''), ...meanwhile, prose(5_000)]);
      });

      it('may be prepared, and broadcast', async () => {
        const { sender, receiver } = await openFor(plenty);
        const received = collect(receiver);
        const sent: string[] = [];
        for (const size of [100, 5_000, 200_000]) {
          sent.push(prose(size), prose(size, 1), prose(size));
          sender.send(prose(size));
          broadcast([sender], prose(size, 1));
          sender.send(prepare(prose(size)));
        }
        await until(() => received.length === sent.length, 'everything');
        expectSame(received, sent);
      });
    });
  });

  describe.each(['server', 'client'] as const)('What comes to a %s', (role) => {
    it('may be in fragments, between which control frames pass', async () => {
      const { socket, peer } = await openToPeer(role);
      const received = collect(socket);
      const text = prose(50_000);
      const payload = deflated(text);
      const cut = [0, 1, 2, 1_000, payload.byteLength];
      for (let at = 0; at < cut.length; at++) {
        const part = payload.subarray(cut[at], cut[at + 1] ?? payload.byteLength);
        const [first, last] = [at === 0, at === cut.length - 1];
        peer.sendsFrame({ opcode: first ? 1 : 0, rsv: first ? 4 : 0, fin: last, payload: part });
        peer.sendsFrame({ opcode: 9, payload: `${at}` });
        const { opcode, payload: echoed } = await peer.receivesFrame();
        expect([opcode, Buffer.from(echoed).toString()]).toEqual([10, `${at}`]);
      }
      await until(() => received.length === 1, 'the message');
      expectSame(received, [text]);
    });

    it.each([1_000, 2 ** 20])('may have exactly maxMessageBytes: %i', async (maxMessageBytes) => {
      const limits = { maxMessageBytes };
      const { socket, peer } = await openToPeer(role, { limits });
      const received = collect(socket);
      for (const opcode of [1, 2]) {
        const payload = deflated('x'.repeat(maxMessageBytes));
        peer.sendsFrame({ opcode, rsv: 4, payload });
      }
      await until(() => received.length === 2, 'two messages');
      expect(received[0]?.length).toBe(maxMessageBytes);
      peer.sendsFrame({ opcode: 2, rsv: 4, payload: deflated('x'.repeat(maxMessageBytes + 1)) });
      expect(await closeCodeOf(peer)).toBe(1009);
      expect(received).toHaveLength(2);
    });

    it('may be a bomb: it is told 1009, and others are served meanwhile', async () => {
      // 16 MiB of nothing, which refers to nothing before it, as often as 1 MiB of wire has room for.
      const zeros = { finishFlush: constants.Z_FULL_FLUSH, level: 9 };
      const piece = deflateRawSync(Buffer.alloc(2 ** 24), zeros);
      const payload = Buffer.concat(Array.from({ length: 60 }, () => piece)).subarray(0, -4);
      const limits = { maxMessageBytes: 2 ** 24 };
      const { socket, peer } = await openToPeer(role, { limits });
      const received = collect(socket);
      const other = await openToPeer(role);
      let longestMs = 0;
      let last = performance.now();
      const watch = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - last);
        last = performance.now();
      }, 1);
      onTestFinished(() => clearInterval(watch));
      other.socket.on('message', (message) => other.socket.send(message));
      const closeCode = closeCodeOf(peer);
      peer.sendsFrame({ opcode: 2, rsv: 4, payload });
      let served = 0;
      let told = false;
      const tell = () => {
        told = true;
      };
      closeCode.then(tell, tell);
      while (!told) {
        other.peer.sendsFrame({ opcode: 1, payload: 'hello' });
        await other.peer.receivesText('hello');
        served++;
      }
      expect(await closeCode).toBe(1009);
      expect(served).toBeGreaterThan(3);
      // Generous, for two busy cores.
      expect(longestMs).toBeLessThan(500);
      expect(received).toEqual([]);
      socket.destroy();
    });

    it.each([
      ['a distance beyond the window', Buffer.from('f20011 0000'.replace(' ', ''), 'hex')],
      ['a block of no kind', Buffer.from('0f', 'hex')],
      [
        'what is large and breaks off',
        Buffer.concat([deflated(prose(900_000)), Buffer.from('0fff', 'hex')]),
      ],
    ])('may be invalid: %s', async (_, payload) => {
      const { socket, peer } = await openToPeer(role);
      const received = collect(socket);
      peer.sendsFrame({ opcode: 2, rsv: 4, payload });
      expect(await closeCodeOf(peer)).toBe(1007);
      peer.end();
      expect((await socket.closed).error).toMatchObject({ code: 'WS_DEFLATE_INVALID' });
      expect(received).toEqual([]);
    });

    it('may be text that is not UTF-8, which is seen once it is inflated', async () => {
      const { peer } = await openToPeer(role);
      peer.sendsFrame({ opcode: 1, rsv: 4, payload: deflated(Buffer.from('c3', 'hex')) });
      expect(await closeCodeOf(peer)).toBe(1007);
    });

    it.each([
      ['RSV1 on a fragment that is not the first', { opcode: 0, rsv: 4 }],
      ['RSV1 on a control frame', { opcode: 9, rsv: 4 }],
      ['RSV2', { opcode: 1, rsv: 2 }],
    ])('must not have %s, RFC 7692 §6', async (_, frame) => {
      const { peer } = await openToPeer(role);
      if (frame.opcode === 0)
        peer.sendsFrame({ opcode: 1, rsv: 4, fin: false, payload: deflated('a') });
      peer.sendsFrame({ ...frame, payload: '' });
      expect(await closeCodeOf(peer)).toBe(1002);
    });

    /** Two messages that take a thread to inflate, and one that does not. */
    const sent = [prose(1_000_000), prose(900_000, 1), 'short'];
    const close = { opcode: 8, payload: Buffer.from([0x0f, 0xa0]) };

    function framesBy(peer: ScriptedPeer): Uint8Array[] {
      const compressed = sent
        .slice(0, 2)
        .map((text) => ({ opcode: 1, rsv: 4, payload: deflated(text) }));
      return [...compressed, { opcode: 1, payload: 'short' }].map((frame) => peer.frame(frame));
    }

    it('is not lost where a close frame is behind what is still being inflated', async () => {
      const { socket, peer } = await openToPeer(role);
      const received = collect(socket);
      peer.sends(Buffer.concat([...framesBy(peer), peer.frame(close)]));
      expect(await closeCodeOf(peer)).toBe(4_000);
      peer.end();
      expect(await socket.closed).toMatchObject({ code: 4_000, wasClean: true });
      expectSame(received, sent);
    });

    const ends = [
      ['the end of the stream', [], { code: 1006, wasClean: false }],
      ['a close frame and the end of the stream', [close], { code: 4_000, wasClean: true }],
    ] as const;
    it.each(ends)('is not lost where %s is', async (_, behind, end) => {
      const { socket, peer } = await openToPeer(role);
      const received = collect(socket);
      peer.sends(Buffer.concat([...framesBy(peer), ...behind.map((frame) => peer.frame(frame))]));
      peer.end();
      expect(await socket.closed).toMatchObject(end);
      expectSame(received, sent);
    });

    it('waits compressed where many inflate to more than is held', async () => {
      const { socket, peer } = await openToPeer(role);
      const size = 100_000;
      const frames = Array.from({ length: 400 }, (_, at) =>
        peer.frame({ opcode: 1, rsv: 4, payload: deflated(`${at}`.padEnd(size, 'x')) }),
      );
      const total = frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
      // So that one read has them all, or nearly.
      expect(total).toBeLessThan(2 ** 18);
      peer.sends(Buffer.concat(frames));
      let at = 0;
      for await (const message of socket) {
        expect([message.length, String(message).slice(0, 4)]).toEqual([
          size,
          `${at}`.padEnd(4, 'x'),
        ]);
        await turn();
        if (++at === frames.length) break;
      }
      socket.pause();
      peer.sends(Buffer.concat(frames.slice(0, 50)));
      await turn();
      expect(socket.state).toBe('open');
    });

    it('is inflated once somebody takes it, and no earlier than those before', async () => {
      const { socket, peer } = await openToPeer(role);
      socket.pause();
      const mixed = [prose(600_000), 'plain', prose(600_000, 1), prose(2_000)];
      for (const payload of mixed) {
        const compressed = payload !== 'plain';
        peer.sendsFrame({
          opcode: 1,
          rsv: compressed ? 4 : 0,
          payload: compressed ? deflated(payload) : payload,
        });
      }
      const received: Message[] = [];
      socket.resume();
      for await (const message of socket) {
        received.push(message);
        if (received.length === mixed.length) break;
      }
      expectSame(received, mixed);
    });
  });
}

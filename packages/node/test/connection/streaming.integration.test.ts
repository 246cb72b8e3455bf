import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Opcode } from '@heddle/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Connection, runHandler } from '../../src/connection/connection.ts';
import type { StreamedMessage } from '../../src/connection/streamed-message.ts';
import { READ_BYTES } from '../fast-paths-at-work.ts';
import { binary, close, first, last, middle, opcodesOf, text } from '../frames.ts';
import { connectionsOverTcp, openOver, serverAndPeer, tcpPair } from '../open.ts';
import { StreamServer } from '../stream-server.ts';
import { nextOf } from '../streaming.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { tlsPair } from '../tls-pair.ts';
import { settled, sleep, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const large = { limits: { maxMessageBytes: 2 ** 30 } };

/** How many bytes a message has, read to its end. */
async function lengthOf(message: StreamedMessage): Promise<number> {
  let byteLength = 0;
  for await (const piece of message) byteLength += piece.byteLength;
  return byteLength;
}

function* zeros(bytes: number, pieceBytes = 50_000) {
  for (let left = bytes; left > 0; left -= pieceBytes)
    yield Buffer.alloc(Math.min(left, pieceBytes));
}

describe('A message that nobody reads', () => {
  it.each([
    ['in large fragments', 60_000],
    ['in small ones', 500],
  ])('is held back by TCP, %s, and goes on where it stopped', async (_, pieceBytes) => {
    const { client, server } = await tcpPair();
    const [socket, peer] = [openOver(server, large), openOver(client, large, { role: 'client' })];
    const total = 30_000_000;
    let pulled = 0;
    const sent = peer.sendStream(
      (function* () {
        for (const piece of zeros(total, pieceBytes)) {
          pulled += piece.byteLength;
          yield piece;
        }
      })(),
    );
    const message = await nextOf(socket.incoming());
    let read = -1;
    while (read !== server.bytesRead) {
      read = server.bytesRead;
      await sleep(100);
    }
    // 256 KiB, the read that went beyond, and one that Node had begun.
    expect(read).toBeLessThan(2 ** 18 + 3 * READ_BYTES);
    expect(pulled).toBeLessThan(total / 2);
    expect(await settled(sent)).toBe('pending');
    expect(await lengthOf(message)).toBe(total);
    await sent;
    expect(pulled).toBe(total);
  });

  it('holds back what comes after it, too, and nothing is lost or doubled', async () => {
    const { client, server } = await tcpPair();
    const [socket, peer] = [openOver(server), openOver(client, large, { role: 'client' })];
    const sent = Array.from({ length: 2_000 }, (_, index) => `${index}`.padEnd(5_000, '.'));
    for (const message of sent.slice(0, 100)) peer.send(message);
    const sending = (async () => {
      for (const message of sent.slice(100)) if (!peer.send(message)) await peer.drained();
    })();
    const got: string[] = [];
    for await (const message of socket.incoming()) {
      if (got.length === 0) {
        await sleep(200);
        expect(server.bytesRead).toBeLessThan(3 * READ_BYTES);
      }
      got.push(await message.text());
      if (got.length === sent.length) break;
    }
    expect(got).toEqual(sent);
    await sending;
  });

  it('and that comes before anybody streams waits at 1 MiB, and is streamed from there', async () => {
    const { client, server } = await tcpPair();
    const [socket, peer] = [openOver(server, large), openOver(client, large, { role: 'client' })];
    const total = 20_000_000;
    const sent = peer.sendStream(zeros(total));
    await sleep(200);
    expect(server.bytesRead).toBeLessThan(2 ** 20 + 3 * 65_536);
    expect(await lengthOf(await nextOf(socket.incoming()))).toBe(total);
    await sent;
  });

  it('does not exceed maxRetainedBytes, where that is small', async () => {
    const limits = { maxMessageBytes: 2 ** 30, maxRetainedBytes: 400_000 };
    const { client, server } = await connectionsOverTcp({ client: large, server: { limits } });
    const sent = client.sendStream(zeros(5_000_000, 1_000));
    await sleep(100);
    const message = await nextOf(server.incoming());
    await sleep(100);
    expect(server.state).toBe('open');
    expect(await lengthOf(message)).toBe(5_000_000);
    await sent;
  });
});

describe('The clocks of a connection', () => {
  const heartbeat = { intervalMs: 40, timeoutMs: 40 };

  it('stand still while the application does not read', async () => {
    const options = { ...large, heartbeat, progressTimeoutMs: 60 };
    const { socket, peer } = await serverAndPeer(options);
    peer.sends(first(''));
    const loop = socket.incoming();
    const message = await nextOf(loop);
    // Ends within a frame.
    peer.sends(middle(Buffer.alloc(1_000_000)).subarray(0, 900_000));
    await sleep(300);
    expect(socket.state).toBe('open');
    expect(new Set(opcodesOf(Buffer.from(peer.pending)))).toEqual(new Set([Opcode.Pong]));
    const pieces = message[Symbol.asyncIterator]();
    for (let read = 0; read < 899_900; ) read += (await pieces.next()).value?.byteLength ?? 0;
    // Now it is the peer that does nothing.
    expect((await socket.closed).error).toMatchObject({
      code: expect.stringMatching(/TIMEOUT|STALLED/),
    });
    await expect(pieces.next()).rejects.toMatchObject({ code: 'WS_CLOSED' });
  });

  it('stand still while the application reads slowly', async () => {
    const { socket, peer } = await serverAndPeer({ ...large, heartbeat, progressTimeoutMs: 60 });
    peer.sends(binary(Buffer.alloc(2_000_000)));
    let [read, pieces] = [0, 0];
    for await (const piece of await nextOf(socket.incoming())) {
      read += piece.byteLength;
      if (++pieces % 5 === 0) await sleep(90);
    }
    expect(read).toBe(2_000_000);
  });
});

describe('limits.maxMessageBytes', () => {
  it.each([
    ['of one frame, by its header', [binary(Buffer.alloc(1_001))]],
    ['of fragments, by all of them', [first(Buffer.alloc(600), 2), last(Buffer.alloc(401))]],
  ])('bounds streamed messages: %s', async (_, frames) => {
    const { socket, peer } = await serverAndPeer({ limits: { maxMessageBytes: 1_000 } });
    const loop = socket.incoming();
    const read = loop.next().then(({ value }) => value?.bytes());
    const failed = read.catch((error: unknown) => error);
    peer.sends(Buffer.concat(frames));
    const { opcode, payload } = await peer.receivesFrame();
    expect([opcode, Buffer.from(payload).readUInt16BE()]).toEqual([8, 1009]);
    peer.end();
    expect((await socket.closed).error).toMatchObject({ code: 'WS_MESSAGE_TOO_BIG' });
    if (frames.length > 1) expect(await failed).toMatchObject({ code: 'WS_CLOSED' });
    else expect(await failed).toBe(undefined);
  });
});

describe('A connection that ends within a message', () => {
  it.each([
    ['RST', 'ECONNRESET'],
    ['FIN', 'WS_CLOSED_WITHOUT_HANDSHAKE'],
    ['a close frame', undefined],
  ])('by %s leaves no half of a file, and the loop ends', async (how, code) => {
    const path = await temporaryFolder();
    const { socket, peer } = await serverAndPeer();
    const errors: unknown[] = [];
    const loop = (async () => {
      for await (const message of socket.incoming()) {
        await message.toFile(join(path, 'file')).catch((error: unknown) => errors.push(error));
      }
    })();
    peer.sends(Buffer.concat([first('half'), middle('of it')]));
    const written = async () => (await readdir(path)).length > 0;
    while (!(await written())) await turn();
    if (how === 'RST') peer.reset();
    if (how === 'a close frame') peer.sends(close(1001));
    if (how !== 'RST') peer.end();
    await loop;
    expect(errors).toMatchObject([{ code: 'WS_CLOSED' }]);
    expect(await readdir(path)).toEqual([]);
    const { error } = await socket.closed;
    if (code === undefined) expect(error).toBe(undefined);
    else expect(error).toMatchObject({ code });
  });

  it('although nobody has read what it had sent: the loop gets all that was whole', async () => {
    const { socket, peer } = await serverAndPeer();
    const asked = socket.incoming();
    const begun = asked.next();
    peer.sends(Buffer.concat([text('a'), text('b'), first('c'), last('d'), close(1000)]));
    peer.end();
    const got = [await (await begun).value?.text()];
    await sleep(20);
    for await (const message of asked) got.push(await message.text());
    expect(got).toEqual(['a', 'b', 'cd']);
    expect((await socket.closed).wasClean).toBe(true);
  });
});

describe('A handler that streams', () => {
  it('and throws closes with 1011, and tells onError', async () => {
    const errors: unknown[] = [];
    const { socket, peer } = await serverAndPeer({ onError: (error) => errors.push(error) });
    const error = new Error('the application');
    runHandler(socket, async () => {
      for await (const message of socket.incoming())
        throw new Error(await message.text(), { cause: error });
    });
    peer.sends(Buffer.concat([text('a'), text('b')]));
    await peer.receives('88 02 03 f3');
    expect(errors).toMatchObject([{ message: 'a', cause: error }]);
  });

  it('and is told that the peer has left is not at fault', async () => {
    const errors: unknown[] = [];
    const { socket, peer } = await serverAndPeer({ onError: (error) => errors.push(error) });
    runHandler(socket, async () => {
      for await (const message of socket.incoming()) await message.bytes();
    });
    peer.sends(first('a'));
    await turn();
    peer.reset();
    await socket.closed;
    await turn();
    expect(errors).toEqual([]);
  });

  it('and has left its loop when it settles: later messages are dropped', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(Buffer.concat([text('a'), text('b'), text('dropped')]));
    const handled = new Promise<void>((resolve) => {
      runHandler(socket, async () => {
        for await (const message of socket.incoming()) if ((await message.text()) === 'b') break;
        resolve();
      });
    });
    await handled;
    await sleep(20);
    const late = once(socket, 'message');
    peer.sends(text('heard'));
    expect(await late).toEqual(['heard']);
  });

  it('without awaiting what it reads does not hold more for it', async () => {
    const { client, server } = await tcpPair();
    const [socket, peer] = [openOver(server), openOver(client, large, { role: 'client' })];
    const readers: AsyncIterator<Buffer>[] = [];
    void (async () => {
      for await (const message of socket.incoming()) readers.push(message[Symbol.asyncIterator]());
    })();
    for (let index = 0; index < 100; index++) peer.send(Buffer.alloc(100_000));
    await sleep(200);
    expect(server.bytesRead).toBeLessThan(2 ** 18 + 3 * READ_BYTES);
    expect(socket.state).toBe('open');
  });
});

describe('Streams both ways', () => {
  /** A stream of HTTP/2 and its other end. */
  async function http2Pair(): Promise<{ readonly client: Duplex; readonly server: Duplex }> {
    const server = await StreamServer.start((stream) => stream.respond({ ':status': 200 }));
    const session = connectHttp2(server.url.replace('ws', 'http'));
    onTestFinished(() => session.destroy());
    await once(session, 'remoteSettings');
    const client = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/',
    });
    await once(client, 'response');
    const [stream] = server.streams;
    if (stream === undefined) throw new Error('no stream');
    return { client, server: stream };
  }

  it.each([
    ['TCP', tcpPair],
    ['TLS', tlsPair],
    ['HTTP/2', http2Pair],
  ])('over %s: an echo of 20 MB, at the speed of the slower', async (_, pair) => {
    const ends = await pair();
    const server = openOver(ends.server, large);
    const client = openOver(ends.client, large, { role: 'client' });
    runHandler(server as Connection<unknown, unknown>, async () => {
      for await (const message of server.incoming()) {
        const { type } = message;
        await server.sendStream(message, { type });
      }
    });
    const total = 20_000_000;
    const letters = Buffer.alloc(10_000, 'grüße, ');
    const sent = client.sendStream(
      (function* () {
        for (let index = 0; index < total / letters.byteLength; index++) yield letters;
      })(),
    );
    const loop = client.incoming();
    const message = await nextOf(loop);
    expect(message.type).toBe('binary');
    let read = 0;
    for await (const piece of message) {
      if (read === 0) await sleep(100);
      for (const [at, octet] of piece.entries()) {
        if (at % 997 === 0 && octet !== letters[(read + at) % letters.byteLength]) {
          throw new Error(`another octet at ${read + at}`);
        }
      }
      read += piece.byteLength;
    }
    expect(read).toBe(total);
    await sent;
    client.send('');
    expect(await (await nextOf(loop)).text()).toBe('');
    expect(await client.close()).toMatchObject({ wasClean: true });
  });

  it('of a message that its sender cannot finish closes with 1011', async () => {
    const [from, to] = [await serverAndPeer(), await serverAndPeer()];
    const loop = from.socket.incoming();
    from.peer.sends(first('half'));
    const relayed = to.socket.sendStream(await nextOf(loop), { type: 'text' });
    await to.peer.receives('01 04 68 61 6c 66');
    from.peer.reset();
    await expect(relayed).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await to.peer.receives('88 02 03 f3');
  });

  it('of a file, from disk to disk', async () => {
    const path = await temporaryFolder();
    const { client, server } = await connectionsOverTcp({ client: large, server: large });
    const stored = (async () => {
      for await (const message of server.incoming())
        return await message.toFile(join(path, 'copy'));
      return 0;
    })();
    const source = process.execPath;
    await client.sendStream(createReadStream(source, { end: 19_999_999 }));
    expect(await stored).toBe(20_000_000);
    const [copy, original] = [await readFile(join(path, 'copy')), await readFile(source)];
    expect(copy.equals(original.subarray(0, 20_000_000))).toBe(true);
  });
});

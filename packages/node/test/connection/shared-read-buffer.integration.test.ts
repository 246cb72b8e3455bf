import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import { readShared } from '../../src/connection/shared-read-buffer.ts';
import { fastPathsAllowed } from '../../src/fast-paths.ts';
import { openToPeer } from '../compressing-peer.ts';
import { binary, close, frame, ping, text } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { openOver, serverAndPeer, tcpPair } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();
afterEach(() => {
  vi.unstubAllEnvs();
});

const options = { sharedReadBuffer: true, limits: { maxMessageBytes: 2 ** 24 } };

function collect(socket: Connection): (string | Buffer)[] {
  const messages: (string | Buffer)[] = [];
  socket.on('message', (message) => messages.push(message));
  return messages;
}

describe('Reads that are lent from one buffer', () => {
  it('give messages that stay as they are, whatever is read into it later, by many connections', async () => {
    const pairs = await Promise.all(Array.from({ length: 8 }, () => serverAndPeer(options)));
    const received = pairs.map(({ socket }) => collect(socket));
    const sent = pairs.map(() =>
      [0, 1, 15, 16, 17, 125, 126, 1_000, 4_096, 4_097, 65_535, 65_536, 300_000].map((length) =>
        randomBytes(length),
      ),
    );
    for (const [at] of (sent[0] ?? []).entries()) {
      for (const [of, { peer }] of pairs.entries()) {
        const message = sent[of]?.[at] ?? Buffer.alloc(0);
        const [first, second] = [message.subarray(0, 7), message.subarray(7)];
        peer.sends(
          Buffer.concat([
            binary(message),
            text('grüße'),
            frame({ opcode: 2, fin: false, payload: first }),
            ping('between'),
            frame({ opcode: 0, payload: second }),
          ]),
        );
      }
      await turn();
    }
    const perPair = 3 * (sent[0]?.length ?? 0);
    await until(() => received.every(({ length }) => length === perPair), 'all messages');
    for (const [of, messages] of received.entries()) {
      for (const [at, message] of (sent[of] ?? []).entries()) {
        const [whole, greeting, fragmented] = messages.slice(3 * at, 3 * at + 3);
        expect(Buffer.compare(whole as Buffer, message)).toBe(0);
        expect(greeting).toBe('grüße');
        expect(Buffer.compare(fragmented as Buffer, message)).toBe(0);
      }
    }
  });

  it('are not made any more through a stream of Node', async () => {
    const { socket, peer, transport } = await serverAndPeer(options);
    const received = collect(socket);
    const chunks: unknown[] = [];
    await turn();
    transport.on('data', (chunk) => chunks.push(chunk));
    peer.sends(text('a'));
    await until(() => received.length === 1, 'the message');
    // Where it is forbidden, they are.
    expect(chunks.length).toBe(fastPathsAllowed() === 'none' ? 1 : 0);
  });

  it('come behind what had been read before, and what came with the handshake', async () => {
    const { client, server } = await tcpPair();
    client.write(Buffer.concat([text('b'), text('c')]));
    await once(server, 'readable');
    const socket = openOver(server, options, { head: Buffer.from(text('a')) });
    const received = collect(socket);
    await turn();
    client.write(text('d'));
    await until(() => received.length === 4, 'four messages');
    expect(received).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stop while nobody wants them, and lose nothing', async () => {
    const { socket, peer, transport } = await serverAndPeer(options);
    const received = collect(socket);
    await turn();
    socket.pause();
    const sent = Array.from({ length: 100 }, (_, at) => `${at} `.padEnd(100_000, 'x'));
    for (const message of sent) peer.sendsFrame({ opcode: 1, payload: message });
    await new Promise((resolve) => setTimeout(resolve, 50));
    // TCP holds the peer back.
    expect(transport.bytesRead).toBeLessThan(5_000_000);
    expect(received).toEqual([]);
    socket.resume();
    await until(() => received.length === sent.length, 'all messages');
    expect(received).toEqual(sent);
  });

  it('stop within one where an iterator does not ask for more, and lose nothing', async () => {
    const { socket, peer } = await serverAndPeer(options);
    peer.sends(Buffer.concat(Array.from({ length: 300 }, (_, at) => text(`${at}`.padEnd(500)))));
    let at = 0;
    for await (const message of socket) {
      expect(message).toBe(`${at}`.padEnd(500));
      if (at % 50 === 0) await turn();
      if (++at === 300) break;
    }
    peer.sends(text('streamed'));
    for await (const message of socket.incoming()) {
      expect(await message.text()).toBe('streamed');
      break;
    }
  });

  it('may be inflated in the thread pool', async () => {
    const { socket, peer } = await openToPeer('server', { ...options, compression: true });
    const received = collect(socket);
    const sent = [randomBytes(300_000), Buffer.alloc(2_000_000, 'weft'), Buffer.alloc(10, 'warp')];
    for (const message of sent) {
      const payload = deflateRawSync(message, { finishFlush: constants.Z_FULL_FLUSH }).subarray(
        0,
        -4,
      );
      peer.sendsFrame({ opcode: 2, rsv: 4, payload });
    }
    await until(() => received.length === sent.length, 'all messages');
    for (const [at, message] of sent.entries()) {
      expect(Buffer.compare(received[at] as Buffer, message)).toBe(0);
    }
  });

  it('end with the stream, and with the close frame', async () => {
    const closing = await serverAndPeer(options);
    closing.peer.sends(close(4_000));
    expect(await closing.peer.receivesFrame()).toMatchObject({ opcode: 8 });
    closing.peer.end();
    expect(await closing.socket.closed).toMatchObject({ code: 4_000, wasClean: true });
    const ending = await serverAndPeer(options);
    const received = collect(ending.socket);
    ending.peer.sends(text('last'));
    ending.peer.end();
    expect(await ending.socket.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(received).toEqual(['last']);
  });
});

describe('Where reads cannot be lent', () => {
  it('they come as of any stream', async () => {
    const lent = vi.fn();
    expect(readShared(new HeldTransport(), lent)).toBe(false);
    const unconnected = new Socket();
    onTestFinished(() => {
      unconnected.destroy();
    });
    expect(readShared(unconnected, lent)).toBe(false);
    class OwnSocket extends Socket {}
    expect(readShared(new OwnSocket(), lent)).toBe(false);
    expect(lent).not.toHaveBeenCalled();
  });
});

import { Opcode } from '@heddle/core';
import type { ScriptedPeer } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../src/options.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { READ_BYTES } from '../fast-paths-at-work.ts';
import { binary, close, ping, text } from '../frames.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** A server that tells what it gets, and when, and a peer whose handshake is done. */
async function open(options: ServerOptions) {
  const got: { readonly message: unknown; readonly at: number }[] = [];
  const running = await RunningServer.start((server) =>
    acceptWebSockets(server, options, (socket) => {
      socket.on('message', (message) => {
        got.push({ message, at: performance.now() });
      });
    }),
  );
  const peer = await running.peer();
  await peer.handshake();
  const startedAt = performance.now();
  return { running, peer, got, startedAt };
}

/** The code of the close frame that comes, behind whatever else. */
async function closeCode(peer: ScriptedPeer): Promise<number> {
  let frame = await peer.receivesFrame();
  while (frame.opcode !== Opcode.Close) frame = await peer.receivesFrame();
  return Buffer.from(frame.payload).readUInt16BE(0);
}

describe('A peer that sends more messages than it may', () => {
  it('has them wait, within one read too, and loses none', async () => {
    const { running, peer, got, startedAt } = await open({ limits: { messagesPerSecond: 50 } });
    const texts = Array.from({ length: 80 }, (_, at) => String(at));
    peer.sends(Buffer.concat(texts.map((each) => text(each))));
    await expect.poll(() => got.length).toBeGreaterThanOrEqual(50);
    // The rest comes with 20 ms between them: not one can have come at once.
    expect(got.length).toBeLessThan(70);
    await expect.poll(() => got.length, { timeout: 5_000 }).toBe(80);
    expect(got.map(({ message }) => message)).toEqual(texts);
    expect((got.at(-1)?.at ?? 0) - startedAt).toBeGreaterThan(550);
    const { limited } = running.sockets.stats();
    expect(limited.messagesPerSecond).toBeGreaterThan(0);
    expect(limited.bytesPerSecond).toBe(0);
  });

  it('may close meanwhile: what came before is passed on first', async () => {
    const { peer, got } = await open({ limits: { messagesPerSecond: 10 } });
    const texts = Array.from({ length: 14 }, (_, at) => String(at));
    peer.sends(Buffer.concat([...texts.map((each) => text(each)), close(1000)]));
    expect(await peer.receivesFrame()).toMatchObject({ opcode: 8 });
    expect(got.map(({ message }) => message)).toEqual(texts);
  });

  it('is closed with 1008 where the option says so, and the message too many is dropped', async () => {
    const limits = { messagesPerSecond: 10 };
    const { running, peer, got } = await open({ limits, fastProducer: 'close' });
    peer.sends(Buffer.concat(Array.from({ length: 30 }, (_, at) => text(String(at)))));
    expect(await closeCode(peer)).toBe(1008);
    expect(got.length).toBe(10);
    await expect.poll(() => running.sockets.stats().limited.messagesPerSecond).toBe(1);
  });

  it('may send pings, which count as messages', async () => {
    const { peer } = await open({ limits: { messagesPerSecond: 5 }, fastProducer: 'close' });
    peer.sends(Buffer.concat(Array.from({ length: 6 }, () => ping())));
    expect(await closeCode(peer)).toBe(1008);
  });
});

describe('A peer that sends more bytes than it may', () => {
  it('is read no faster, and TCP holds it back', async () => {
    const limits = { bytesPerSecond: 400_000, maxMessageBytes: 100_000 };
    const { running, peer, got, startedAt } = await open({ limits });
    for (let sent = 0; sent < 8; sent++) peer.sends(binary(Buffer.alloc(100_000, sent)));
    await expect.poll(() => got.length, { timeout: 5_000 }).toBe(8);
    // A second's worth at once, the rest as it comes in; what the last read brought is owed.
    expect((got.at(-1)?.at ?? 0) - startedAt).toBeGreaterThan((400 - READ_BYTES / 1_000) * 2.4);
    expect(running.sockets.stats().limited.bytesPerSecond).toBeGreaterThan(0);
  });

  it('may send one message that is longer than that', async () => {
    const limits = { bytesPerSecond: 1_000, maxMessageBytes: 100_000 };
    const { peer, got } = await open({ limits, fastProducer: 'close' });
    peer.sends(binary(Buffer.alloc(90_000)));
    await expect.poll(() => got.length).toBe(1);
    peer.sends(binary(Buffer.alloc(90_000)));
    expect(await closeCode(peer)).toBe(1008);
  });
});

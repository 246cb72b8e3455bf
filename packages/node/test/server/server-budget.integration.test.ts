import type { ScriptedPeer } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import type { AnyConnection } from '../../src/connection/connection.ts';
import { Deferred } from '../../src/deferred.ts';
import type { ServerOptions } from '../../src/options.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { CONNECTION_BYTES } from '../../src/server/server-budget.ts';
import { binary, first, last, text } from '../frames.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const MIB = 2 ** 20;

async function start(limits: ServerOptions['limits'], options: ServerOptions = {}) {
  const sockets: AnyConnection[] = [];
  const running = await RunningServer.start((server) =>
    acceptWebSockets(server, { ...options, limits: { ...limits } }, (socket) => {
      sockets.push(socket);
      socket.on('message', (message) => socket.send(message));
    }),
  );
  return { running, sockets, stats: () => running.sockets.stats() };
}

async function open(running: RunningServer): Promise<ScriptedPeer> {
  const peer = await running.peer();
  expect((await peer.handshake()).status).toBe(101);
  return peer;
}

async function closeCode(peer: ScriptedPeer): Promise<number> {
  const { payload } = await peer.receivesFrame();
  return Buffer.from(payload).readUInt16BE(0);
}

describe('What is held for all connections', () => {
  it('is bounded: the greediest is closed with 1013, and the others go on', async () => {
    const { running, stats } = await start({ maxServerRetainedBytes: 3 * MIB });
    const modest = await open(running);
    modest.sends(first('be'));
    const greedy = await open(running);
    greedy.sends(binary(Buffer.alloc(900_000)).subarray(0, 880_000));
    await expect.poll(() => stats().retainedBytes).toBeGreaterThan(880_000);
    const others = [];
    for (let opened = 0; opened < 4; opened++) {
      const peer = await open(running);
      peer.sends(binary(Buffer.alloc(700_000)).subarray(0, 690_000));
      others.push(peer);
    }
    expect(await closeCode(greedy)).toBe(1013);
    expect(stats().retainedBytes).toBeLessThanOrEqual(3 * MIB * (1 + 1 / 64));
    expect(stats().limited.maxServerRetainedBytes).toBeGreaterThanOrEqual(1);
    modest.sends(last('gun'));
    await modest.receivesText('begun');
  });

  it('is what waits to be sent, too', async () => {
    const limits = { maxServerRetainedBytes: 2 * MIB, maxBufferedBytes: 64 * MIB };
    const { running, sockets, stats } = await start(limits);
    const deaf = await open(running);
    deaf.pause();
    const modest = await open(running);
    while (sockets[0]?.state === 'open' && stats().limited.maxServerRetainedBytes === 0) {
      sockets[0].send(Buffer.alloc(100_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sockets[0]?.state).not.toBe('open');
    modest.sends(text('still here'));
    await modest.receivesText('still here');
  });

  it('is no longer held once it has been consumed, or its connection is gone', async () => {
    const { running, stats } = await start({ maxServerRetainedBytes: 8 * MIB });
    const peers = [await open(running), await open(running)];
    for (const peer of peers) peer.sends(binary(Buffer.alloc(500_000)).subarray(0, 400_000));
    await expect.poll(() => stats().retainedBytes).toBeGreaterThan(800_000);
    for (const peer of peers) peer.reset();
    await expect.poll(() => stats().connections).toBe(0);
    expect(stats().retainedBytes).toBe(0);
  });

  it('has room for a new connection, or the handshake is refused with 503', async () => {
    const limits = { maxServerRetainedBytes: 3 * CONNECTION_BYTES };
    const { running, stats } = await start(limits);
    const peers = [await open(running), await open(running), await open(running)];
    const refused = await (await running.peer()).handshake();
    expect(refused).toMatchObject({ status: 503 });
    expect(refused.header('Retry-After')).toBe('5');
    expect(stats().limited.maxServerRetainedBytes).toBe(1);
    expect(stats().connections).toBe(3);
    peers[0]?.reset();
    await expect.poll(() => stats().connections).toBe(2);
    await open(running);
  });

  it('is not bounded where the option says so', async () => {
    const { running, stats } = await start({ maxServerRetainedBytes: Number.POSITIVE_INFINITY });
    const peer = await open(running);
    peer.sends(text('hello'));
    await peer.receivesText('hello');
    expect(stats().retainedBytes).toBe(CONNECTION_BYTES);
  });
});

it('is counted anew before a handshake is refused for it', async () => {
  const limits = { maxServerRetainedBytes: MIB };
  const taken: unknown[] = [];
  const more = new Deferred<void>();
  const running = await RunningServer.start((server) =>
    acceptWebSockets(server, { limits }, async (socket) => {
      await more.promise;
      for await (const message of socket) taken.push(message);
    }),
  );
  const peer = await open(running);
  peer.sends(binary(Buffer.alloc(MIB - 20_000)));
  await expect.poll(() => running.sockets.stats().retainedBytes).toBeGreaterThan(MIB - 20_000);
  // With another connection it would be a KiB above the limit.
  expect((await (await running.peer()).handshake()).status).toBe(503);
  // Nothing is read when the message is taken, so the server does not hear of it.
  more.resolve();
  await expect.poll(() => taken.length).toBe(1);
  await expect.poll(async () => (await (await running.peer()).handshake()).status).toBe(101);
});

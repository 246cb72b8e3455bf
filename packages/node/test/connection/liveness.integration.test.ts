import { once } from 'node:events';
import { Opcode } from '@heddle/core';
import type { ScriptedPeer } from '@heddle/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { binary, opcodesOf, text } from '../frames.ts';
import { connectionsOverTcp, serverAndPeer } from '../open.ts';
import { TimerWatch } from '../timers.ts';
import { sleep, turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** Blocks the event loop, as a long calculation does. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {}
}

describe('A peer that leaves while we do not read', () => {
  const megabyte = Buffer.alloc(2 ** 20);

  it.each<[string, (peer: ScriptedPeer) => void]>([
    ['by a reset', (peer) => peer.reset()],
    ['by the end of its process', (peer) => peer.destroy()],
  ])('is noticed all the same: %s', async (_how, leave) => {
    const heartbeat = { intervalMs: 50, timeoutMs: 50 };
    const { socket, peer } = await serverAndPeer({ heartbeat });
    socket.pause();
    for (let sent = 0; sent < 4; sent++) peer.sends(binary(megabyte));
    await sleep(100);
    expect(socket.state).toBe('open');
    leave(peer);
    expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('is not taken for one that is there, and says nothing', async () => {
    const heartbeat = { intervalMs: 20, timeoutMs: 20 };
    const { socket, peer } = await serverAndPeer({ heartbeat });
    socket.pause();
    for (let pongs = 0; pongs < 5; pongs++) {
      expect(await peer.receivesFrame()).toMatchObject({ opcode: 10 });
    }
    expect(socket.state).toBe('open');
    socket.resume();
    expect(await peer.receivesFrame()).toMatchObject({ opcode: 9 });
  });
});

describe('A heartbeat', () => {
  it('pings a peer that is quiet, and drops one that does not answer', async () => {
    const heartbeat = { intervalMs: 40, timeoutMs: 40 };
    const { socket, peer } = await serverAndPeer({ heartbeat });
    expect((await peer.receivesFrame()).opcode).toBe(9);
    const { code, error } = await socket.closed;
    expect(code).toBe(1006);
    expect(error).toMatchObject({ code: 'WS_HEARTBEAT_TIMEOUT' });
    await until(() => peer.ended, 'the end');
  });

  it('keeps one that answers, and measures the round trip', async () => {
    const heartbeat = { intervalMs: 20, timeoutMs: 200 };
    const { client, server } = await connectionsOverTcp({
      server: { heartbeat },
      client: { heartbeat: false },
    });
    let pings = 0;
    client.on('ping', () => pings++);
    await until(() => pings >= 5, 'five pings');
    expect(server.state).toBe('open');
    expect(server.latencyMs).toBeGreaterThan(0);
  });

  it('keeps one that sends anything at all instead of an answer', async () => {
    const { socket, peer } = await serverAndPeer({ heartbeat: { intervalMs: 60, timeoutMs: 60 } });
    for (let index = 0; index < 20; index++) {
      peer.sends(text('never a pong'));
      await sleep(20);
    }
    expect(socket.state).toBe('open');
  });

  it('is off with false', async () => {
    const { socket, peer } = await serverAndPeer({ heartbeat: false });
    await sleep(50);
    expect(peer.pending.byteLength).toBe(0);
    expect(socket.state).toBe('open');
  });

  it('does not judge a peer whose bytes we do not read', async () => {
    const { socket, peer } = await serverAndPeer({ heartbeat: { intervalMs: 30, timeoutMs: 30 } });
    socket.pause();
    peer.sends(text('waits'));
    await sleep(300);
    expect(socket.state).toBe('open');
    // It is sent something, but never asked.
    expect(new Set(opcodesOf(Buffer.from(peer.pending)))).toEqual(new Set([Opcode.Pong]));
    const message = once(socket, 'message');
    socket.resume();
    expect(await message).toEqual(['waits']);
  });

  it('does not judge a peer by the time for which we were blocked', async () => {
    const heartbeat = { intervalMs: 50, timeoutMs: 50 };
    const pairs = await Promise.all(
      Array.from({ length: 20 }, () => connectionsOverTcp({ server: { heartbeat } })),
    );
    for (let stall = 0; stall < 4; stall++) {
      block(300);
      await sleep(20);
    }
    expect(pairs.map(({ server }) => server.state)).toEqual(pairs.map(() => 'open'));
  });
});

describe('A frame that has begun', () => {
  const options = { progressTimeoutMs: 60, heartbeat: false } as const;

  it('and makes no progress fails the connection with 1008, however alive the peer is', async () => {
    const { socket, peer } = await serverAndPeer(options);
    const frame = peer.frame({ opcode: 1, payload: 'x'.repeat(100) });
    for (let offset = 0; offset < frame.byteLength && socket.state === 'open'; offset++) {
      peer.sends(frame.subarray(offset, offset + 1));
      await sleep(10);
    }
    const { opcode, payload } = await peer.receivesFrame();
    expect([opcode, Buffer.from(payload).readUInt16BE()]).toEqual([8, 1008]);
    peer.end();
    expect((await socket.closed).error).toMatchObject({ code: 'WS_FRAME_STALLED' });
  });

  it('and comes slowly but honestly is not disturbed', async () => {
    const { socket, peer } = await serverAndPeer(options);
    const frame = peer.frame({ opcode: 1, payload: 'x'.repeat(60_000) });
    const message = once(socket, 'message');
    for (let offset = 0; offset < frame.byteLength; offset += 2_000) {
      peer.sends(frame.subarray(offset, offset + 2_000));
      await sleep(10);
    }
    expect((await message)[0]).toHaveLength(60_000);
  });

  it('is not judged while it is we who do not read', async () => {
    const { socket, peer } = await serverAndPeer(options);
    const frame = peer.frame({ opcode: 1, payload: 'slow' });
    const message = once(socket, 'message');
    peer.sends(frame.subarray(0, 8));
    await sleep(20);
    socket.pause();
    peer.sends(frame.subarray(8));
    await sleep(200);
    expect(socket.state).toBe('open');
    socket.resume();
    expect(await message).toEqual(['slow']);
  });
});

describe('The timers of connections', () => {
  it('are one for all, do not keep the process alive, and end with the last connection', async () => {
    const set = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearInterval');
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    // No other test has these deadlines, so that the wheel is not an older one.
    const heartbeat = { intervalMs: 7_770, timeoutMs: 7_770 };
    const options = { client: { heartbeat }, server: { heartbeat } };
    const pairs = await Promise.all(Array.from({ length: 10 }, () => connectionsOverTcp(options)));
    const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(set.mock.calls.map(([, delay]) => delay)).toEqual([777]);
    expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
    expect(cleared).not.toHaveBeenCalledWith(timers[0]);
    await Promise.all(pairs.flatMap(({ client, server }) => [client.close(), server.closed]));
    await turn();
    expect(cleared).toHaveBeenCalledWith(timers[0]);
    expect(set).toHaveBeenCalledTimes(1);
  });

  it('of the closing handshake end with it', async () => {
    const { client, server } = await connectionsOverTcp({ client: { closingTimeoutMs: 54_322 } });
    const timers = new TimerWatch();
    const closed = client.close();
    expect(timers.of(54_322)).toEqual(['keeps the process']);
    await Promise.all([closed, server.closed]);
    expect(timers.of(54_322)).toEqual(['cleared']);
  });

  it('of the closing handshake end when the connection is destroyed', async () => {
    const { socket } = await serverAndPeer({ closingTimeoutMs: 54_323 });
    const timers = new TimerWatch();
    void socket.close();
    socket.destroy();
    await socket.closed;
    expect(timers.of(54_323)).toEqual(['cleared']);
  });
});

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Protocol, type ProtocolSink } from '@heddle/core';
import { describe, expect, it, vi } from 'vitest';
import { FrameOutput } from '../../src/connection/frame-output.ts';
import { nativePrimitives, sharedSlab } from '../../src/connection/native-primitives.ts';
import { readServer } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { tcpPair } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

function open() {
  return openOver(new HeldTransport());
}

/** Output to a transport, of which somebody waits for the kernel unless the test says otherwise. */
function openOver<T extends Duplex>(transport: T) {
  const seen = { left: 0, taken: 0, awaited: true };
  const nothing = () => {};
  const sink: ProtocolSink = {
    message: nothing,
    ping: nothing,
    pong: nothing,
    close: nothing,
    fail: nothing,
    end: nothing,
    output: () => output.schedule(),
  };
  const protocol = new Protocol(
    { role: 'server', primitives: nativePrimitives, slab: sharedSlab },
    sink,
  );
  const output = new FrameOutput(transport, protocol, {
    get awaited() {
      return seen.awaited;
    },
    left: () => seen.left++,
    taken: () => seen.taken++,
  });
  return { transport, protocol, output, seen };
}

describe('Output', () => {
  it('leaves in one write when the turn ends, and tells when it was taken', async () => {
    const { transport, protocol, output, seen } = open();
    protocol.send('a');
    protocol.send(Buffer.alloc(20_000));
    protocol.send('b');
    expect(output.byteLength).toBe(3 + 20_004 + 3);
    expect(transport.writes).toEqual([]);
    await turn();
    expect(transport.writes).toHaveLength(1);
    expect(readServer(transport.written)).toHaveLength(3);
    expect(seen.taken).toBe(1);
    expect(output.byteLength).toBe(0);
  });

  it('counts what the transport has and the kernel has not', () => {
    const { transport, protocol, output, seen } = open();
    transport.block();
    protocol.send('a');
    output.flush();
    protocol.send('bc');
    expect(output.byteLength).toBe(3 + 4);
    expect(seen.taken).toBe(0);
  });

  it('waits for the end of a turn that was begun', async () => {
    const { transport, protocol, output } = open();
    output.beginTurn();
    protocol.send('a');
    await turn();
    expect(transport.writes).toEqual([]);
    output.endTurn();
    expect(transport.writes).toHaveLength(1);
    protocol.send('b');
    await turn();
    expect(transport.writes).toHaveLength(2);
  });

  it('makes no write of nothing', async () => {
    const { transport, protocol, output } = open();
    output.flush();
    protocol.send('a');
    output.flush();
    await turn();
    output.endTurn();
    expect(transport.writes).toHaveLength(1);
  });

  it('leaves before our half ends, and nothing after it', async () => {
    const { transport, protocol, output, seen } = open();
    protocol.send('a');
    output.end();
    protocol.send('b');
    output.flush();
    await turn();
    expect(readServer(transport.written)).toEqual(['a']);
    expect(transport.writableEnded).toBe(true);
    expect(seen.taken).toBe(1);
  });

  it('is not said to be taken by a transport that is gone', async () => {
    const { transport, protocol, output, seen } = open();
    transport.block();
    protocol.send('a');
    output.flush();
    transport.destroy();
    transport.unblock();
    await turn();
    expect(seen.taken).toBe(0);
  });
});

describe('Output to TCP', () => {
  it('is taken at once, which is told of to those who wait, and not to others', async () => {
    const { server } = await tcpPair();
    const { protocol, output, seen } = openOver(server);
    protocol.send('a');
    output.flush();
    expect([seen.taken, output.byteLength]).toEqual([0, 0]);
    await turn();
    expect(seen.taken).toBe(1);
    seen.awaited = false;
    protocol.send('b');
    output.flush();
    await turn();
    expect(seen.taken).toBe(1);
  });

  it('is written into the same room again and again', async () => {
    const { client, server } = await tcpPair();
    const received: Buffer[] = [];
    client.on('data', (chunk) => received.push(chunk));
    const { protocol, output } = openOver(server);
    const taken = vi.spyOn(protocol, 'takeOutput');
    for (let at = 0; at < 1_000; at++) {
      protocol.send(`${at} `.padEnd(1_000));
      output.flush();
      if (at % 20 === 0) await turn();
    }
    output.end();
    await once(client, 'end');
    const messages = readServer(Buffer.concat(received));
    expect(messages).toEqual(Array.from({ length: 1_000 }, (_, at) => `${at} `.padEnd(1_000)));
    const chunks = taken.mock.results.flatMap(({ value }) => value as Uint8Array[]);
    const rooms = new Set(chunks.map(({ buffer, byteOffset }) => ({ buffer, byteOffset })));
    expect(chunks).toHaveLength(1_000);
    expect(new Set([...rooms].map(({ buffer }) => buffer)).size).toBeLessThan(4);
    // But for what the kernel did not take at once.
    expect(new Set([...rooms].map(({ byteOffset }) => byteOffset)).size).toBeLessThan(100);
  });

  it('is told of when the kernel has it, where that takes its time', async () => {
    const { client, server } = await tcpPair();
    const { protocol, output, seen } = openOver(server);
    seen.awaited = false;
    client.pause();
    protocol.send(Buffer.alloc(2 ** 24));
    protocol.send('behind');
    output.flush();
    await turn();
    expect(output.byteLength).toBeGreaterThan(0);
    expect(seen.taken).toBe(0);
    client.resume();
    await until(() => seen.taken === 1, 'the kernel');
    expect(output.byteLength).toBe(0);
  });

  it('is left alone where somebody has put his own write in place', async () => {
    const { client, server } = await tcpPair();
    const { protocol, output, seen } = openOver(server);
    const kept: unknown[][] = [];
    server.write = (...args: unknown[]) => kept.push(args) > 0;
    for (const text of ['a', 'b', 'c']) {
      protocol.send(text);
      output.flush();
    }
    await turn();
    expect(seen.taken).toBe(0);
    Reflect.deleteProperty(server, 'write');
    for (const [chunk, written] of kept) server.write(chunk as Uint8Array, written as () => void);
    server.end();
    const received: Buffer[] = [];
    for await (const chunk of client) received.push(chunk);
    expect(readServer(Buffer.concat(received))).toEqual(['a', 'b', 'c']);
    expect(seen.taken).toBe(3);
  });
});

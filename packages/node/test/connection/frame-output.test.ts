import { Protocol, type ProtocolSink } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { FrameOutput } from '../../src/connection/frame-output.ts';
import { readServer } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

function open() {
  const transport = new HeldTransport();
  const seen = { taken: 0 };
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
  const protocol = new Protocol({ role: 'server' }, sink);
  const output = new FrameOutput(transport, protocol, () => seen.taken++);
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

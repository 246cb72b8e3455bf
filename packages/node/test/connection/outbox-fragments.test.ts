import { CloseCode, Protocol, ProtocolError } from '@heddle/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Deflater } from '../../src/compression/deflater.ts';
import { Outbox } from '../../src/connection/outbox.ts';
import { Transmitter } from '../../src/connection/transmitter.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';
import { framesOf, openCompressing } from '../compressed.ts';
import { ping } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const TEXT = { text: true, compressed: false };
const limits = { highWaterMarkBytes: 1_000, maxBufferedBytes: 3_000 };
const ended = () => {};
const bytes = (text: string) => Buffer.from(text);

/** An outbox without a connection, over a transport that the test drives. */
function open(options: ConnectionOptions = { limits }) {
  const transport = new HeldTransport();
  const told: unknown[] = [];
  const protocol = new Protocol(
    { role: 'server' },
    {
      message: () => {},
      ping: () => {},
      pong: () => {},
      close: (code) => outbox.abandon(code),
      fail: (error) => outbox.abandon(error),
      output: () => outbox.schedule(),
      end: () => outbox.end(),
    },
  );
  const outbox = new Outbox(
    transport,
    protocol,
    new Transmitter(protocol, 'server', undefined),
    resolveOptions(options),
    {
      overflowed: () => told.push('overflowed'),
      dropped: () => told.push('dropped'),
      bufferedChanged: () => {},
      drained: () => told.push('drained'),
      broken: (error) => told.push(error),
    },
  );
  return { outbox, protocol, transport, told };
}

/** What was written, as `text`, `text…` for a fragment that is not the last, and `…text` for one that is not the first. */
function written(transport: HeldTransport): string[] {
  return framesOf(transport.written).map(({ fin, opcode, payload }) => {
    if (opcode === 8) return `close ${payload.readUInt16BE(0)}`;
    if (opcode === 10) return `pong ${payload}`;
    return `${opcode === 0 ? '…' : ''}${payload}${fin ? '' : '…'}`;
  });
}

describe('A message in fragments', () => {
  it('has its place: what is sent before goes before it, what is sent after waits', async () => {
    const { outbox, transport, told } = open();
    outbox.send('before', false);
    const begun = outbox.begin(ended);
    expect(outbox.send('after', false)).toBe(true);
    await begun;
    await outbox.fragment(bytes('a'), false, TEXT);
    await outbox.fragment(bytes('b'), false, TEXT);
    expect(outbox.send('after, too', false)).toBe(true);
    await outbox.fragment(bytes(''), true, TEXT);
    await turn();
    expect(written(transport)).toEqual(['before', 'a…', '…b…', '…', 'after', 'after, too']);
    expect(outbox.bufferedBytes).toBe(0);
    expect(told).toEqual([]);
  });

  it('begins when the one before has ended, and not when the kernel is behind', async () => {
    const { outbox, transport } = open();
    transport.block();
    outbox.send('x'.repeat(1_000), false);
    const [first, second] = [outbox.begin(ended), outbox.begin(ended)];
    expect(await settled(first)).toBe('pending');
    transport.unblock();
    await first;
    expect(await settled(second)).toBe('pending');
    await outbox.fragment(bytes('a'), true, TEXT);
    await second;
  });

  it('is read no faster than the peer reads', async () => {
    const { outbox, transport } = open();
    transport.block();
    await outbox.begin(ended);
    await outbox.fragment(bytes('x'.repeat(500)), false, TEXT);
    const more = outbox.fragment(bytes('x'.repeat(500)), false, TEXT);
    expect(await settled(more)).toBe('pending');
    expect(outbox.bufferedBytes).toBe(1_008);
    transport.takeOne();
    transport.takeOne();
    await more;
  });

  it('is over with its last fragment, and has the next begin, whatever the kernel takes', async () => {
    const { outbox, transport } = open();
    transport.block();
    await outbox.begin(ended);
    outbox.send('x'.repeat(1_000), false);
    await outbox.fragment(bytes('a'), true, TEXT);
    expect(outbox.bufferedBytes).toBeGreaterThan(1_000);
    const next = outbox.begin(ended);
    transport.unblock();
    await next;
    await outbox.fragment(bytes('b'), true, TEXT);
    await turn();
    expect(written(transport)).toEqual(['a', 'x'.repeat(1_000), 'b']);
  });

  it('lets pongs pass, also when it stands still', async () => {
    const { outbox, protocol, transport } = open();
    const receive = (payload: string) => {
      outbox.beginTurn();
      protocol.receive(ping(payload));
      outbox.endTurn();
    };
    await outbox.begin(ended);
    await outbox.fragment(bytes('a'), false, TEXT);
    receive('one');
    transport.block();
    const more = outbox.fragment(bytes('x'.repeat(1_000)), false, TEXT);
    await turn();
    // The peer does not read: these wait, and get one answer.
    receive('two');
    receive('three');
    await turn();
    transport.unblock();
    await more;
    await turn();
    expect(written(transport)).toEqual(['a…', 'pong one', `…${'x'.repeat(1_000)}…`, 'pong three']);
  });

  it('has a close frame wait for its end', async () => {
    const { outbox, protocol, transport } = open();
    await outbox.begin(ended);
    await outbox.fragment(bytes('a'), false, TEXT);
    outbox.send('after', false);
    outbox.finish(() => protocol.close(1000));
    await turn();
    await outbox.fragment(bytes('b'), true, TEXT);
    await turn();
    expect(written(transport)).toEqual(['a…', '…b', 'after', 'close 1000']);
  });

  it('keeps what is sent meanwhile within the limit', async () => {
    const { outbox, told } = open({ limits, slowConsumer: 'drop-newest' });
    await outbox.begin(ended);
    const sent = Array.from({ length: 30 }, () => outbox.send('x'.repeat(100), false));
    expect(sent.slice(0, 4)).toEqual([true, true, true, true]);
    expect(sent.slice(4).includes(true)).toBe(false);
    expect(outbox.bufferedBytes).toBeLessThan(3_000 + 228);
    await outbox.fragment(bytes('a'), true, TEXT);
    await outbox.drained();
    await turn();
    expect(told.filter((what) => what === 'dropped').length).toBeGreaterThan(10);
    expect(told.at(-1)).toBe('drained');
  });

  it('closes a connection that is sent too much meanwhile', async () => {
    const { outbox, told } = open();
    await outbox.begin(ended);
    for (let at = 0; at < 15; at++) outbox.send('x'.repeat(100), false);
    expect(told).toEqual(['overflowed']);
  });
});

describe('A message in fragments that comes to no end', () => {
  it('gives its place to the next, where nothing of it was sent', async () => {
    const { outbox, protocol, transport } = open();
    await outbox.begin(ended);
    const second = outbox.begin(ended);
    outbox.send('after', false);
    outbox.cancel();
    await second;
    outbox.cancel();
    outbox.finish(() => protocol.close(1000));
    await turn();
    expect(written(transport)).toEqual(['after', 'close 1000']);
  });

  it('is followed by a close frame, which need not wait, and by nothing else', async () => {
    const { outbox, protocol, transport } = open();
    await outbox.begin(ended);
    await outbox.fragment(bytes('a'), false, TEXT);
    const second = outbox.begin(ended);
    outbox.send('after', false);
    outbox.cancel();
    outbox.send('after, too', false);
    await turn();
    outbox.finish(() => protocol.close(CloseCode.InternalError));
    await turn();
    expect(written(transport)).toEqual(['a…', 'close 1011']);
    const drained = outbox.drained();
    outbox.abandon(undefined);
    await expect(second).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await expect(drained).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(outbox.bufferedBytes).toBe(0);
  });

  it('is followed by a close frame that waits for its end already', async () => {
    const { outbox, protocol, transport } = open();
    await outbox.begin(ended);
    await outbox.fragment(bytes('a'), false, TEXT);
    outbox.finish(() => protocol.close(1000));
    await turn();
    expect(written(transport)).toEqual(['a…']);
    outbox.cancel();
    await turn();
    expect(written(transport)).toEqual(['a…', 'close 1000']);
  });
});

describe('A connection that ends within a message in fragments', () => {
  it('rejects all who wait, and all who come', async () => {
    const { outbox, protocol, transport, told } = open();
    transport.block();
    const ends: unknown[] = [];
    await outbox.begin((error) => ends.push(error.code));
    const fragment = outbox.fragment(bytes('x'.repeat(2_000)), false, TEXT);
    const second = outbox.begin(ended);
    const drained = outbox.drained();
    await turn();
    protocol.fail(new ProtocolError('WS_RETAINED_TOO_MUCH'));
    const closed = { code: 'WS_CLOSED' };
    await expect(fragment).rejects.toMatchObject(closed);
    expect(ends).toEqual(['WS_CLOSED']);
    await expect(second).rejects.toMatchObject(closed);
    await expect(drained).rejects.toMatchObject(closed);
    await expect(outbox.fragment(bytes('b'), true, TEXT)).rejects.toMatchObject(closed);
    await expect(outbox.begin(ended)).rejects.toMatchObject(closed);
    await expect(outbox.drained()).rejects.toMatchObject(closed);
    outbox.cancel();
    outbox.close(undefined);
    transport.unblock();
    await turn();
    expect(written(transport)).toEqual([`${'x'.repeat(2_000)}…`, 'close 1013']);
    expect(told).toEqual([]);
  });
});

describe('A message in fragments that does not come to its end', () => {
  it('is cut off for the close frame that waits behind it', async () => {
    const { outbox, protocol, transport } = open();
    const ends: unknown[] = [];
    await outbox.begin((error) => ends.push(error.code));
    await outbox.fragment(bytes('a'), false, TEXT);
    outbox.send('after', false);
    outbox.finish(() => protocol.close(1001));
    await turn();
    expect(written(transport)).toEqual(['a…']);
    outbox.cutOff(undefined);
    outbox.cutOff(undefined);
    await turn();
    expect(written(transport)).toEqual(['a…', 'close 1001']);
    expect(ends).toEqual(['WS_CLOSED']);
    await expect(outbox.fragment(bytes('b'), true, TEXT)).rejects.toMatchObject({
      code: 'WS_CLOSED',
    });
  });

  it('goes on where nothing waits behind it', async () => {
    const { outbox, transport } = open();
    await outbox.begin(ended);
    await outbox.fragment(bytes('a'), false, TEXT);
    outbox.cutOff(undefined);
    await outbox.fragment(bytes('b'), true, TEXT);
    await turn();
    expect(written(transport)).toEqual(['a…', '…b']);
  });
});

describe('A connection that ends as a message in fragments may begin', () => {
  it('lets it begin no more', async () => {
    const { outbox } = open();
    const begun = outbox.begin(ended);
    outbox.abandon(undefined);
    await expect(begun).rejects.toMatchObject({ code: 'WS_CLOSED' });
  });
});

describe('A message that cannot be compressed by another thread', () => {
  it('ends the connection, whose peer would miss it', async () => {
    const failure = new Error('no memory');
    vi.spyOn(Deflater.prototype, 'deflate').mockRejectedValueOnce(failure);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const { socket, transport } = openCompressing();
    socket.send(Buffer.alloc(50_000));
    socket.send('after');
    expect((await socket.closed).error).toBe(failure);
    expect(transport.writes).toEqual([]);
  });
});

describe('A message that cannot be framed once its turn has come', () => {
  it('ends the connection, for whoever sent it is gone', async () => {
    const { outbox, protocol, transport, told } = open();
    transport.block();
    outbox.send('x'.repeat(1_000), false);
    outbox.send('waits', false);
    const failure = new RangeError('Array buffer allocation failed');
    protocol.send = () => {
      throw failure;
    };
    transport.unblock();
    await turn();
    expect(told).toContain(failure);
  });

  it('is the sender’s where it is not', () => {
    const { outbox, protocol } = open();
    protocol.send = () => {
      throw new RangeError('Array buffer allocation failed');
    };
    expect(() => outbox.send('now', false)).toThrow(RangeError);
    expect(outbox.bufferedBytes).toBe(0);
  });
});

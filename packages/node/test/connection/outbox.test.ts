import { describe, expect, it } from 'vitest';
import { close, ping, readServer, text } from '../frames.ts';
import { openHeld } from '../open.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const limits = { highWaterMarkBytes: 1_000, maxBufferedBytes: 2_000 };
const kilobyte = (letter: string) => letter.repeat(1_000);

describe('Everything sent in one turn', () => {
  it('leaves in one write, when the turn ends', async () => {
    const { socket, transport } = openHeld();
    for (let index = 0; index < 100; index++) socket.send(`message ${index}`);
    expect(transport.writes).toHaveLength(0);
    await turn();
    expect(transport.writes).toHaveLength(1);
    expect(readServer(transport.written)).toHaveLength(100);
  });

  it('leaves in one write, replies and pongs to what came in one read too', async () => {
    const { socket, transport } = openHeld();
    socket.on('message', (message) => {
      socket.send(`${message}, first`);
      socket.send(`${message}, second`);
    });
    transport.delivers(Buffer.concat([text('a'), ping('p'), text('b')]));
    await turn();
    expect(transport.writes).toHaveLength(1);
    const sent = readServer(transport.written);
    expect(sent).toEqual(['a, first', 'a, second', ['pong', 'p'], 'b, first', 'b, second']);
  });

  it('leaves in one system call where a large message lies between small ones', async () => {
    const { socket, transport } = openHeld();
    const large = Buffer.alloc(50_000, 'x');
    socket.send('before');
    socket.send(large);
    socket.send('behind');
    await turn();
    expect(transport.writes).toHaveLength(1);
    expect(readServer(transport.written)).toEqual(['before', large, 'behind']);
  });

  it('leaves in one write from the bodies of a loop over what came in one read', async () => {
    const { socket, transport } = openHeld();
    const echo = (async () => {
      for await (const message of socket) socket.send(message);
    })();
    transport.delivers(Buffer.concat([text('a'), text('b'), text('c')]));
    await turn();
    expect(transport.writes).toHaveLength(1);
    socket.destroy();
    await echo;
  });

  it('leaves before the turn ends once it is more than the mark', () => {
    const { socket, transport } = openHeld({ limits });
    for (let index = 0; index < 25; index++) expect(socket.send('x'.repeat(100))).toBe(true);
    expect(transport.writes).toHaveLength(2);
    expect(socket.bufferedBytes).toBe(5 * 102);
  });
});

describe('A send above the high-water mark', () => {
  it('returns false until the kernel has taken everything, which drain tells', async () => {
    const { socket, transport } = openHeld({ limits });
    const drains: number[] = [];
    socket.on('drain', () => drains.push(socket.bufferedBytes));
    transport.block();
    expect(socket.send('x'.repeat(900))).toBe(true);
    expect(socket.send('x'.repeat(900))).toBe(false);
    expect(socket.send('waits')).toBe(false);
    expect(socket.bufferedBytes).toBe(2 * 904 + 5 + 128);
    const drained = socket.drained();
    expect(await settled(drained)).toBe('pending');
    transport.unblock();
    await drained;
    await turn();
    expect(drains).toEqual([0]);
    expect(socket.send('more')).toBe(true);
    await turn();
    expect(drains).toEqual([0]);
  });

  it('may be answered from the drain listener, again and again', async () => {
    const { socket, transport } = openHeld({ limits });
    let left = 50;
    const fill = () => {
      while (left > 0 && socket.send(`${left--} `.repeat(100))) {}
    };
    transport.block();
    socket.on('drain', fill);
    fill();
    for (let index = 0; index < 200; index++) {
      transport.takeOne();
      await turn();
    }
    const sent = readServer(transport.written);
    expect(sent).toEqual(Array.from({ length: 50 }, (_, index) => `${50 - index} `.repeat(100)));
  });

  it('waits, and keeps its place: what is sent later does not overtake it', async () => {
    const { socket, transport } = openHeld({ limits: { ...limits, maxBufferedBytes: 10_000 } });
    transport.block();
    const sent: string[] = [];
    const send = (message: string) => {
      sent.push(message);
      socket.send(message);
    };
    for (let index = 0; index < 40; index++) {
      send(`${index}`.padEnd((index * 97) % 400, '.'));
      if (index % 3 === 0) {
        transport.takeOne();
        // As the write is taken, before its callback has run.
        send(`${index} and a half`);
        await turn();
      }
    }
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toEqual(sent);
  });

  it('keeps its place where a transport takes the parts of a write one by one', async () => {
    const { socket, transport } = openHeld({
      limits: { highWaterMarkBytes: 50_000, maxBufferedBytes: 10 ** 6 },
    });
    // As a stream without `_writev` does: the write's callback comes with the last part.
    Reflect.set(transport, '_writev', null);
    transport.block();
    const large = Buffer.alloc(20_000, 'x');
    const sent: (string | Buffer)[] = [large, 'a', large, 'b'];
    for (const message of sent) socket.send(message);
    await turn();
    for (const message of [large, 'waits']) {
      socket.send(message);
      sent.push(message);
    }
    for (let part = 0; part < 12; part++) {
      transport.takeOne();
      socket.send(`${part}`);
      sent.push(`${part}`);
    }
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toEqual(sent);
  });

  it('has a close frame wait behind it', async () => {
    const { socket, transport } = openHeld({ limits });
    transport.block();
    socket.send(kilobyte('a'));
    socket.send('b');
    void socket.close(1001, 'bye');
    expect(readServer(transport.written)).toEqual([kilobyte('a')]);
    transport.unblock();
    await turn();
    const sent = readServer(transport.written);
    expect(sent).toEqual([kilobyte('a'), 'b', ['close', 1001, 'bye']]);
  });

  it('has no place in what leaves after the close frame of the peer', async () => {
    const { socket, transport } = openHeld({ limits });
    transport.block();
    socket.send(kilobyte('a'));
    socket.send('dropped');
    const drained = socket.drained();
    transport.delivers(close(1001));
    await turn();
    expect(socket.send('dropped, too')).toBe(false);
    await expect(drained).rejects.toMatchObject({ code: 'WS_CLOSED' });
    transport.unblock();
    await turn();
    expect(readServer(transport.written)).toEqual([kilobyte('a'), ['close', 1001, '']]);
    expect(socket.bufferedBytes).toBe(0);
  });
});

describe('A peer that takes less than it is sent', () => {
  it('is told with 1013, and its connection ends', async () => {
    const { socket, transport } = openHeld({ limits });
    let drains = 0;
    socket.on('drain', () => drains++);
    transport.block();
    for (const letter of ['a', 'b', 'c', 'd']) expect(socket.send(kilobyte(letter))).toBe(false);
    expect(socket.state).toBe('closing');
    expect(socket.bufferedBytes).toBeLessThan(1_200);
    transport.unblock();
    const reason = 'More waits to be sent to the peer than the limit';
    transport.push(null);
    const { error, wasClean } = await socket.closed;
    expect(readServer(transport.written)).toEqual([kilobyte('a'), ['close', 1013, reason]]);
    expect(error).toMatchObject({ code: 'WS_SLOW_CONSUMER' });
    expect(wasClean).toBe(false);
    expect(drains).toBe(0);
  });

  it('is told so by default', () => {
    const { socket, transport } = openHeld();
    transport.block();
    for (let index = 0; socket.state === 'open' && index < 100; index++) {
      socket.send('x'.repeat(65_536));
    }
    expect(socket.state).toBe('closing');
  });

  it('drop-newest keeps what waits and drops the message', async () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: 'drop-newest' });
    transport.block();
    for (const letter of ['a', 'b', 'c', 'd']) expect(socket.send(kilobyte(letter))).toBe(false);
    expect(socket.state).toBe('open');
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toEqual([kilobyte('a'), kilobyte('b')]);
  });

  it('drop-oldest drops of what waits, and keeps the message', async () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: 'drop-oldest' });
    transport.block();
    for (const letter of ['a', 'b', 'c', 'd']) expect(socket.send(kilobyte(letter))).toBe(false);
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toEqual([kilobyte('a'), kilobyte('d')]);
  });

  it('may get one message above the limit, and no more', () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: 'drop-oldest' });
    transport.block();
    socket.send(kilobyte('a'));
    for (let index = 0; index < 20; index++) {
      socket.send('x'.repeat(50_000));
      expect(socket.bufferedBytes).toBeLessThan(2_000 + 50_000 + 128);
    }
  });

  it.each(['drop-oldest', 'drop-newest'] as const)('keeps the order with %s', async (policy) => {
    const { socket, transport } = openHeld({ limits, slowConsumer: policy });
    transport.block();
    for (let index = 0; index < 300; index++) {
      socket.send(`${index}`.padEnd((index * 53) % 300, ' '));
      if (index % 7 === 0) {
        transport.takeOne();
        await turn();
      }
    }
    transport.unblock();
    await socket.drained();
    const sent = readServer(transport.written).map((message) => Number.parseInt(`${message}`, 10));
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    expect(sent.length).toBeGreaterThan(50);
    expect(sent.length).toBeLessThan(300);
  });
});

describe('slowConsumer: coalesce', () => {
  const coalesce = (message: string | Uint8Array) =>
    typeof message === 'string' ? message.split('=')[0] : undefined;

  it('sends the last of the waiting messages of each key, in the place of the first', async () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: { coalesce } });
    transport.block();
    socket.send(kilobyte('a'));
    for (const message of ['x=1', 'y=1', 'x=2', 'z=1', 'y=2', 'x=3']) socket.send(message);
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toEqual([kilobyte('a'), 'x=3', 'y=2', 'z=1']);
  });

  it('leaves messages without a key alone', async () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: { coalesce } });
    transport.block();
    socket.send(kilobyte('a'));
    socket.send(Buffer.from('1'));
    socket.send(Buffer.from('2'));
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toHaveLength(3);
  });

  it('is bounded, by dropping the oldest key', async () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: { coalesce } });
    transport.block();
    socket.send(kilobyte('a'));
    for (let key = 0; key < 100; key++) {
      socket.send(`${key}=${'x'.repeat(100)}`);
      expect(socket.bufferedBytes).toBeLessThan(2_300);
    }
    transport.unblock();
    await socket.drained();
    const sent = readServer(transport.written);
    const keys = sent.slice(1).map((message) => Number.parseInt(`${message}`, 10));
    expect(keys).toEqual([95, 96, 97, 98, 99]);
  });

  it('is bounded where small values are replaced by large ones', async () => {
    const { socket, transport } = openHeld({ limits, slowConsumer: { coalesce } });
    transport.block();
    socket.send(kilobyte('a'));
    for (let key = 0; key < 7; key++) socket.send(`${key}=`);
    for (let key = 0; key < 7; key++) {
      socket.send(`${key}=${'x'.repeat(10_000)}`);
      expect(socket.bufferedBytes).toBeLessThan(2_000 + 10_300);
    }
    transport.unblock();
    await socket.drained();
    expect(socket.bufferedBytes).toBe(0);
    expect(readServer(transport.written).at(-1)).toMatch(/^6=x+$/);
  });

  it('replaces although there is no room, for that takes none', async () => {
    const { socket, transport } = openHeld({
      limits: { highWaterMarkBytes: 1_000, maxBufferedBytes: 1_005 },
      slowConsumer: { coalesce },
    });
    transport.block();
    socket.send(kilobyte('a'));
    socket.send('x=1');
    // Control frames are exempt from the limit, and count.
    void socket.ping();
    socket.send('x=2');
    transport.unblock();
    await socket.drained();
    const sent = readServer(transport.written).filter((one) => !Array.isArray(one));
    expect(sent).toEqual([kilobyte('a'), 'x=2']);
    expect(socket.bufferedBytes).toBe(0);
  });

  it('hands what coalesce throws to whoever sends', async () => {
    const throws = () => {
      throw new Error('no key');
    };
    const { socket, transport } = openHeld({ limits, slowConsumer: { coalesce: throws } });
    transport.block();
    expect(socket.send(kilobyte('a'))).toBe(false);
    expect(() => socket.send('b')).toThrow('no key');
    transport.unblock();
    await socket.drained();
    expect(readServer(transport.written)).toEqual([kilobyte('a')]);
  });
});

describe('RFC 6455 §5.5.3, a peer that pings and does not read', () => {
  it('gets one pong for all of its pings, and cannot make a queue grow', async () => {
    const { socket, transport } = openHeld({ limits });
    transport.block();
    socket.send(kilobyte('a'));
    for (let index = 0; index < 5_000; index++) transport.delivers(ping(`${index}`));
    await turn();
    expect(socket.bufferedBytes).toBe(1_004);
    transport.unblock();
    await turn();
    expect(readServer(transport.written)).toEqual([kilobyte('a'), ['pong', '4999']]);
  });

  it('is bounded where nothing else waits', async () => {
    const { socket, transport } = openHeld({ limits });
    transport.block();
    for (let index = 0; index < 5_000; index++) transport.delivers(ping('x'.repeat(125)));
    await turn();
    expect(socket.bufferedBytes).toBeLessThan(1_000 + 130);
  });
});

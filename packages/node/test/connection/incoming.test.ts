import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import { Incoming } from '../../src/connection/incoming.ts';
import { binary, close, first, last, middle, ping, readServer, text } from '../frames.ts';
import { openHeld } from '../open.ts';
import { nextOf, streaming } from '../streaming.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const code = { code: 'WS_ALREADY_CONSUMED' };

async function textsOf(socket: Connection, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of socket.incoming()) {
    texts.push(await message.text());
    if (texts.length === count) break;
  }
  return texts;
}

describe('A message as a stream', () => {
  it('is there with its first fragment, and its bytes as they come', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    const asked = nextOf(loop);
    transport.delivers(first('').subarray(0, 5));
    expect(await settled(asked)).toBe('pending');
    transport.delivers(first('').subarray(5));
    const message = await asked;
    expect(message.type).toBe('text');
    const pieces = message[Symbol.asyncIterator]();
    const piece = pieces.next();
    expect(await settled(piece)).toBe('pending');
    transport.delivers(middle('ab'));
    expect(await piece).toEqual({ value: Buffer.from('ab'), done: false });
    // A part of a frame is a piece as well.
    const large = last('cdef');
    transport.delivers(large.subarray(0, large.byteLength - 2));
    expect(await pieces.next()).toEqual({ value: Buffer.from('cd'), done: false });
    transport.delivers(large.subarray(large.byteLength - 2));
    expect(await pieces.next()).toEqual({ value: Buffer.from('ef'), done: false });
    expect(await pieces.next()).toEqual({ value: undefined, done: true });
  });

  it('has the type that the peer gave it', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    transport.delivers(Buffer.concat([text('a'), binary(Buffer.from('b'))]));
    const messages = [await nextOf(loop), await nextOf(loop)];
    expect(messages.map(({ type }) => type)).toEqual(['text', 'binary']);
  });

  it('may be empty, in one frame and in several', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([text(''), first(''), middle(''), last(''), text('end')]));
    expect(await textsOf(socket, 3)).toEqual(['', '', 'end']);
    expect(await settled(socket.incoming().next())).toBe('pending');
  });

  it('is one of many in one read, in order', async () => {
    const { socket, transport } = openHeld();
    const sent = Array.from({ length: 5_000 }, (_, index) => `${index}`);
    const read = textsOf(socket, sent.length);
    await turn();
    transport.delivers(Buffer.concat(sent.map(text)));
    expect(await read).toEqual(sent);
  });

  it('lets pings pass between its fragments, and while it is read', async () => {
    const begun = Buffer.concat([first('a'), ping('1'), middle('b')]);
    const { transport, message } = await streaming(begun);
    await turn();
    transport.delivers(ping('2'));
    await turn();
    expect(readServer(transport.written)).toEqual([
      ['pong', '1'],
      ['pong', '2'],
    ]);
    transport.delivers(last('c'));
    expect(await message.text()).toBe('abc');
  });

  it('is streamed from its beginning where it began before', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([text('whole'), first('a'), middle('b')]));
    await turn();
    const loop = socket.incoming();
    expect(await (await nextOf(loop)).text()).toBe('whole');
    const message = await nextOf(loop);
    const pieces = message[Symbol.asyncIterator]();
    expect((await pieces.next()).value?.toString()).toBe('ab');
    transport.delivers(last('c'));
    expect((await pieces.next()).value?.toString()).toBe('c');
    expect((await pieces.next()).done).toBe(true);
  });

  it('comes after those that waited whole, however many', async () => {
    const { socket, transport } = openHeld();
    const waiting = Array.from({ length: 100 }, (_, index) => `${index}`);
    transport.delivers(Buffer.concat([...waiting.map(text), first('la'), last('st')]));
    await turn();
    expect(await textsOf(socket, 101)).toEqual([...waiting, 'last']);
  });

  it('is not begun before it is asked for', async () => {
    const come = Buffer.concat([text('a'), ping('1')]);
    const { transport, loop, message } = await streaming(come);
    await turn();
    transport.delivers(Buffer.concat([text('b'), ping('2'), text('c')]));
    await turn();
    // The ping stands behind the message that nobody has asked for.
    expect(readServer(transport.written)).toEqual([['pong', '1']]);
    expect(await message.text()).toBe('a');
    expect(await (await nextOf(loop)).text()).toBe('b');
    expect(await (await nextOf(loop)).text()).toBe('c');
    await turn();
    expect(readServer(transport.written)).toHaveLength(2);
  });
});

describe('The next turn of the loop', () => {
  it('passes over what was not read, also of what is still to come', async () => {
    const { transport, loop, message } = await streaming(first('a'));
    const next = nextOf(loop);
    transport.delivers(Buffer.concat([middle('b'), last('c'), text('d')]));
    expect(await (await next).text()).toBe('d');
    await expect(message.text()).rejects.toMatchObject(code);
    expect(() => message[Symbol.asyncIterator]()).toThrow(expect.objectContaining(code));
  });

  it('passes over messages that waited whole', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([text('a'), text('b')]));
    await turn();
    const loop = socket.incoming();
    const message = await nextOf(loop);
    expect(await (await nextOf(loop)).text()).toBe('b');
    await expect(message.bytes()).rejects.toMatchObject(code);
  });

  it('passes over the rest where the reader has left it', async () => {
    const begun = Buffer.concat([first('a'), middle('b')]);
    const { transport, loop, message } = await streaming(begun);
    for await (const piece of message) {
      expect(piece.toString()).toBe('a');
      break;
    }
    const next = nextOf(loop);
    transport.delivers(Buffer.concat([last('c'), text('d')]));
    expect(await (await next).text()).toBe('d');
  });

  it('takes nothing from who is still reading', async () => {
    const { transport, loop, message } = await streaming(first('a'));
    const reading = message.text();
    const next = nextOf(loop);
    transport.delivers(Buffer.concat([last('b'), text('c')]));
    expect(await reading).toBe('ab');
    expect(await (await next).text()).toBe('c');
  });

  it('may be asked for several times at once', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    const asked = [loop.next(), loop.next(), loop.next()];
    transport.delivers(Buffer.concat([text('a'), text('b'), close(1000)]));
    transport.push(null);
    const texts = (await Promise.all(asked)).map(({ value }) => value?.text());
    expect(await Promise.all(texts)).toEqual(['a', 'b', undefined]);
  });
});

describe('A loop over streams that is left', () => {
  /** After one message, when nobody has asked for the next, which has begun. */
  async function leftBetween() {
    const begun = Buffer.concat([text('a'), first('b'), middle('c')]);
    const { socket, transport, loop } = await streaming(begun);
    await turn();
    await loop.return?.();
    return { socket, transport };
  }

  /** Within a message that nobody reads. */
  async function leftWithin(begun: Buffer) {
    const { socket, transport, loop } = await streaming(begun);
    await loop.return?.();
    return { socket, transport };
  }

  /** Within a message that is being read. */
  async function leftReading() {
    const { socket, transport } = openHeld();
    setImmediate(() => transport.delivers(first('a')));
    for await (const message of socket.incoming()) {
      return { socket, transport, reading: message.text() };
    }
    throw new Error('no message');
  }

  it('gives the next messages to a listener, an iterator, and another such loop', async () => {
    const { socket, transport } = openHeld();
    const sent = ['a', 'b', 'c', 'd', 'e', 'f'];
    const read = textsOf(socket, 2);
    await turn();
    transport.delivers(Buffer.concat(sent.map(text)));
    const got: unknown[] = await read;
    got.push(...(await once(socket, 'message')));
    await turn();
    for await (const message of socket) {
      got.push(message);
      break;
    }
    got.push(...(await textsOf(socket, 1)));
    got.push(...(await once(socket, 'message')));
    expect(got).toEqual(sent);
  });

  it('with a message begun that nobody was given: it comes whole to the next', async () => {
    const { socket, transport } = await leftBetween();
    const listened = once(socket, 'message');
    transport.delivers(last('d'));
    expect(await listened).toEqual(['bcd']);
  });

  it('with a message begun that nobody was given: the next loop streams it', async () => {
    const { socket, transport } = await leftBetween();
    const message = await nextOf(socket.incoming());
    transport.delivers(last('d'));
    expect(await message.text()).toBe('bcd');
  });

  it('before anything was asked for loses nothing', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    transport.delivers(Buffer.concat([text('a'), first('b')]));
    await turn();
    await loop.return?.();
    transport.delivers(last('c'));
    expect(await once(socket, 'message')).toEqual(['a']);
    expect(await once(socket, 'message')).toEqual(['bc']);
  });

  it.each([
    ['a listener', (socket: Connection) => once(socket, 'message')],
    ['another such loop', (socket: Connection) => textsOf(socket, 1)],
  ])('drops the rest of the message that it had, and of no other: for %s', async (_, next) => {
    const { socket, transport } = await leftWithin(first('a'));
    const read = next(socket);
    transport.delivers(Buffer.concat([middle('b'), last('c'), text('d')]));
    expect(await read).toEqual(['d']);
  });

  it('lets who reads a message read it to its end', async () => {
    const { socket, transport, reading } = await leftReading();
    const listened = once(socket, 'message');
    transport.delivers(Buffer.concat([middle('b'), last('c'), text('d')]));
    expect(await reading).toBe('abc');
    expect(await listened).toEqual(['d']);
  });

  it('tells who reads a message that the connection has ended', async () => {
    const { transport, reading } = await leftReading();
    transport.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'WS_CLOSED' });
  });

  it('is over, asked again or left again', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    const asked = loop.next();
    await loop.return?.();
    expect(await asked).toEqual({ value: undefined, done: true });
    const second = socket.incoming();
    const next = nextOf(second);
    await loop.return?.();
    expect(await loop.next()).toEqual({ value: undefined, done: true });
    transport.delivers(text('a'));
    expect(await (await next).text()).toBe('a');
  });

  it('keeps what somebody was given, even where nothing of it has come when the loop is left', async () => {
    const { socket, transport, loop, message } = await streaming(first(''));
    const read = message.text();
    await loop.return?.();
    transport.delivers(last('hello'));
    expect(await read).toBe('hello');
    const next = once(socket, 'message');
    transport.delivers(text('next'));
    expect(await next).toEqual(['next']);
  });

  it('passes over what nobody reads when it is left, however that was cut', async () => {
    for (const cut of ['', 'a']) {
      const { socket, transport } = await leftWithin(first(cut));
      transport.delivers(Buffer.concat([last('rest'), text('next')]));
      expect(await once(socket, 'message')).toEqual(['next']);
    }
  });

  it('is its own iterable', () => {
    const loop = openHeld().socket.incoming();
    expect(loop[Symbol.asyncIterator]()).toBe(loop);
  });
});

describe('What waits to be read', () => {
  /** Streams over a host that does what the test says. */
  function incomingOf() {
    const calls: string[] = [];
    const incoming = new Incoming(
      {
        hold: () => calls.push('hold'),
        applyFlow: () => calls.push('applyFlow'),
        streaming: false,
        putTogether: () => calls.push('putTogether'),
        retainedBytes: 0,
        failConnection: () => calls.push('failConnection'),
      },
      { withheld: () => false, takeHeld: () => undefined, left: () => calls.push('left') },
      1_000,
    );
    return { incoming, calls };
  }

  it('is counted, holds the peer from the limit on, and below it no more', async () => {
    const { incoming, calls } = incomingOf();
    const asked = incoming.iterate().next();
    incoming.messageStart(false);
    const pieces = (await asked).value?.[Symbol.asyncIterator]();
    incoming.messagePiece(Buffer.alloc(700));
    expect([incoming.bytes, incoming.readingWanted]).toEqual([828, true]);
    calls.length = 0;
    incoming.messagePiece(Buffer.alloc(50));
    expect([incoming.bytes, incoming.readingWanted]).toEqual([1_006, false]);
    expect(calls).toEqual(['hold']);
    await pieces?.next();
    expect([incoming.bytes, incoming.readingWanted]).toEqual([178, true]);
    expect(calls).toEqual(['hold', 'applyFlow']);
    await pieces?.next();
    expect(incoming.bytes).toBe(0);
  });

  it('counts for all messages that somebody has begun to read', async () => {
    const { incoming } = incomingOf();
    const loop = incoming.iterate();
    for (let index = 0; index < 3; index++) {
      expect(incoming.readingWanted).toBe(true);
      const asked = loop.next();
      incoming.messageStart(false);
      (await asked).value?.[Symbol.asyncIterator]();
      incoming.messagePiece(Buffer.alloc(300));
      incoming.messageEnd();
    }
    expect(incoming.bytes).toBe(3 * 428);
    expect(incoming.readingWanted).toBe(false);
  });

  it.each([
    ['the next turn', (loop: AsyncIterator<unknown>) => void loop.next()],
    ['leaving the loop', (loop: AsyncIterator<unknown>) => void loop.return?.()],
  ])('is dropped by %s', async (_, goesOn) => {
    const { incoming } = incomingOf();
    const loop = incoming.iterate();
    const asked = loop.next();
    incoming.messageStart(true);
    await asked;
    incoming.messagePiece(Buffer.alloc(2_000));
    expect(incoming.readingWanted).toBe(false);
    goesOn(loop);
    incoming.messagePiece(Buffer.alloc(2_000));
    expect([incoming.bytes, incoming.readingWanted]).toEqual([0, true]);
  });
});

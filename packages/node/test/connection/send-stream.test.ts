import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { Opcode } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import type { MessageSource } from '../../src/connection/send-stream.ts';
import { framesOf } from '../compressed.ts';
import { driveSource } from '../drive-source.ts';
import { ping, readServer } from '../frames.ts';
import { openHeld } from '../open.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const closed = { code: 'WS_CLOSED' };

/** The frames that were written, their payload data as text. */
const textFrames = (written: Buffer) =>
  framesOf(written).map((sent) => ({ ...sent, payload: sent.payload.toString() }));

describe('A message from a source', () => {
  const bytes = [Buffer.from('ab'), Buffer.from('c')];

  it.each<[string, MessageSource, unknown]>([
    ['an array of strings', ['a', 'bc'], 'abc'],
    ['an array of bytes', bytes, Buffer.from('abc')],
    ['a generator', new Set(['a', 'b']).values(), 'ab'],
    ['promises', [Promise.resolve('a'), 'b'] as string[], 'ab'],
    ['an asynchronous generator', Readable.from(['a', 'b']).iterator(), 'ab'],
    ['a stream of Node', Readable.from(bytes), Buffer.from('abc')],
    ['a stream of Node in an encoding', Readable.from(bytes).setEncoding('utf8'), 'abc'],
    ['a web stream', ReadableStream.from(['a', 'b']) as MessageSource, 'ab'],
    ['strings and bytes', ['a', Buffer.from('ü'), new Uint8Array([0x62])], 'aüb'],
    ['bytes and strings', [Buffer.from('a'), 'ü'], Buffer.from('aü')],
    ['empty pieces', ['', 'a', Buffer.alloc(0), ''], 'a'],
    ['a single piece', ['a'], 'a'],
  ])('is made of %s', async (_, source, message) => {
    const { socket, transport } = openHeld();
    await socket.sendStream(source);
    await socket.drained();
    expect(readServer(transport.written)).toEqual([message]);
  });

  it('is what its type says', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream([Buffer.from('a'), 'b'], { type: 'text' });
    await socket.sendStream(['a', Buffer.from('b')], { type: 'binary' });
    await turn();
    expect(readServer(transport.written)).toEqual(['ab', Buffer.from('ab')]);
  });

  it.each([
    [undefined, Buffer.alloc(0)],
    ['binary', Buffer.alloc(0)],
    ['text', ''],
  ] as const)('is empty where the source is, type %s', async (type, message) => {
    const { socket, transport } = openHeld();
    await socket.sendStream([], type && { type });
    await turn();
    expect(readServer(transport.written)).toEqual([message]);
    expect(framesOf(transport.written)).toHaveLength(1);
  });

  it('has its type although the first piece is empty', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream(['']);
    await turn();
    expect(readServer(transport.written)).toEqual(['']);
  });

  it('keeps surrogate pairs together that are cut between pieces', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream([...'a😀b€😀'.split('')]);
    await turn();
    expect(readServer(transport.written)).toEqual(['a😀b€😀']);
  });

  it('has U+FFFD for half a pair, at its place', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream(['a\ud83d', 'b']);
    await socket.sendStream(['a\ud83d']);
    await socket.sendStream(['a\ud83d', Buffer.from('b'), '\ude00']);
    await socket.sendStream(['\ud83d', '', '\ude00']);
    await turn();
    expect(readServer(transport.written)).toEqual(['a\ufffdb', 'a\ufffd', 'a\ufffdb\ufffd', '😀']);
  });

  it('is not begun before its first piece, and resolves with its last fragment', async () => {
    const { socket, transport } = openHeld();
    const { pieces, gives } = driveSource();
    const sent = socket.sendStream(pieces);
    await turn();
    expect(transport.written).toHaveLength(0);
    await gives('a');
    expect(framesOf(transport.written)).toHaveLength(1);
    expect(await settled(sent)).toBe('pending');
  });
});

describe('RFC 6455 §5.4, its fragments', () => {
  it('have the opcode first, and FIN last', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream(['a', 'b']);
    await turn();
    expect(textFrames(transport.written)).toEqual([
      { fin: false, rsv: 0, opcode: Opcode.Text, payload: 'a' },
      { fin: false, rsv: 0, opcode: Opcode.Continuation, payload: 'b' },
      { fin: true, rsv: 0, opcode: Opcode.Continuation, payload: '' },
    ]);
  });

  it('are no larger than fragmentBytes', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream(['abcdefg', 'hi', 'jkl'], { fragmentBytes: 3 });
    await turn();
    expect(textFrames(transport.written).map(({ payload }) => payload)).toEqual([
      'abc',
      'def',
      'g',
      'hi',
      'jkl',
      '',
    ]);
    expect(readServer(transport.written)).toEqual(['abcdefghijkl']);
  });

  it('are of 64 KiB where nothing else is said', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream([Buffer.alloc(150_000)]);
    await turn();
    const lengths = [65_536, 65_536, 150_000 - 2 * 65_536, 0];
    const headers = [10, 10, 4, 2];
    const total = [...lengths, ...headers].reduce((sum, length) => sum + length);
    expect(transport.written).toHaveLength(total);
  });

  it('of many small pieces leave together', async () => {
    const { socket, transport } = openHeld();
    await socket.sendStream(Array.from({ length: 1_000 }, () => 'x'));
    await turn();
    expect(transport.writes.length).toBeLessThan(5);
  });

  it('let a pong, and a ping of ours, pass', async () => {
    const { socket, transport } = openHeld();
    const { pieces, gives } = driveSource();
    void socket.sendStream(pieces);
    await gives('a');
    transport.delivers(ping('?'));
    await turn();
    void socket.ping().catch(() => {});
    await turn();
    await gives('b');
    expect(framesOf(transport.written).map(({ opcode }) => opcode)).toEqual([1, 10, 9, 0]);
    socket.destroy();
  });

  it('let a pong pass although many messages wait behind', async () => {
    const { socket, transport } = openHeld({ limits: { maxBufferedBytes: 2 ** 22 } });
    const { pieces, gives } = driveSource();
    void socket.sendStream(pieces);
    await gives('a');
    for (let index = 0; index < 10; index++) socket.send('x'.repeat(50_000));
    transport.delivers(ping('?'));
    await turn();
    expect(framesOf(transport.written).map(({ opcode }) => opcode)).toEqual([1, 10]);
    socket.destroy();
  });

  it('let a pong pass once there is room, where there was none when the ping came', async () => {
    const { socket, transport } = openHeld({ limits: { highWaterMarkBytes: 100 } });
    const { pieces, gives } = driveSource();
    void socket.sendStream(pieces);
    transport.block();
    await gives('x'.repeat(200));
    transport.delivers(ping('?'));
    await turn();
    transport.unblock();
    await turn();
    expect(framesOf(transport.written).map(({ opcode }) => opcode)).toEqual([1, 10]);
    socket.destroy();
  });
});

describe('Everything that is sent meanwhile', () => {
  it('waits behind it, in the order of the calls', async () => {
    const { socket, transport } = openHeld();
    const { pieces, gives } = driveSource();
    socket.send('before');
    void socket.sendStream(pieces);
    socket.send('behind');
    const second = socket.sendStream(['second, ', 'whole']);
    socket.send('last');
    await gives('first');
    expect(textFrames(transport.written).map(({ payload }) => payload)).toEqual([
      'before',
      'first',
    ]);
    void pieces.return(undefined);
    await gives(' and');
    await second;
    await turn();
    expect(readServer(transport.written)).toEqual([
      'before',
      'first and',
      'behind',
      'second, whole',
      'last',
    ]);
  });

  it('waits although it is more than the mark, and does not hold the stream up', async () => {
    const { socket, transport } = openHeld({ limits: { highWaterMarkBytes: 1_000 } });
    const sent = socket.sendStream(Array.from({ length: 50 }, () => 'x'.repeat(900)));
    for (let index = 0; index < 10; index++) expect(socket.send('y'.repeat(900))).toBe(false);
    await sent;
    await socket.drained();
    expect(readServer(transport.written).map((message) => (message as string).length)).toEqual([
      45_000,
      ...Array.from({ length: 10 }, () => 900),
    ]);
  });

  it.each([
    ['drop-oldest', ['c', 'd']],
    ['drop-newest', ['a', 'b']],
  ] as const)('is lost by %s, and nothing of the stream', async (slowConsumer, kept) => {
    const limits = { highWaterMarkBytes: 100, maxBufferedBytes: 2_000 };
    const { socket, transport } = openHeld({ limits, slowConsumer });
    const { pieces, gives } = driveSource();
    void socket.sendStream(pieces);
    await gives('first');
    for (const letter of ['a', 'b', 'c', 'd']) socket.send(letter.repeat(1_000));
    const second = socket.sendStream(['second']);
    await gives(' and');
    void pieces.return(undefined);
    await gives(' last');
    await second;
    await socket.drained();
    const read = readServer(transport.written) as string[];
    expect(read.map((message) => (message.length === 1_000 ? message[0] : message))).toEqual([
      'first and last',
      ...kept,
      'second',
    ]);
  });

  it('is replaced by key, and nothing of the stream', async () => {
    const coalesce = (message: string | Uint8Array) => message[0];
    const { socket, transport } = openHeld({ slowConsumer: { coalesce } });
    const { pieces, gives } = driveSource();
    void socket.sendStream(pieces);
    await gives('a1');
    for (const message of ['a2', 'b1', 'a3', 'b2']) socket.send(message);
    void pieces.return(undefined);
    await gives('a4');
    await turn();
    expect(readServer(transport.written)).toEqual(['a1a4', 'a3', 'b2']);
  });
});

describe('A source is read', () => {
  it('no faster than the peer reads', async () => {
    const { socket, transport } = openHeld();
    let pulled = 0;
    function* pieces() {
      for (; pulled < 1_000; pulled++) yield Buffer.alloc(10_000);
    }
    transport.block();
    const sent = socket.sendStream(pieces());
    await turn();
    await turn();
    expect(pulled).toBeLessThan(10);
    const before = pulled;
    transport.takeOne();
    await turn();
    expect(pulled).toBeGreaterThan(before);
    expect(pulled).toBeLessThan(20);
    transport.unblock();
    await sent;
    expect(pulled).toBe(1_000);
  });

  it('not before its turn', async () => {
    const { socket } = openHeld();
    const [first, second] = [driveSource(), driveSource()];
    void socket.sendStream(first.pieces);
    void socket.sendStream(second.pieces);
    await turn();
    expect([first.state.pulled, second.state.pulled]).toEqual([1, 0]);
    socket.destroy();
  });

  it.each([
    ['large', Buffer.alloc(10_000)],
    ['empty', ''],
  ])('in turns, so that others have theirs: pieces that are %s', async (_, piece) => {
    const { socket } = openHeld();
    function* endless() {
      for (;;) yield piece;
    }
    const sent = socket.sendStream(endless());
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await expect(sent).rejects.toMatchObject(closed);
  });
});

describe('close() during it', () => {
  it('lets it finish, and what was sent behind it, and then closes', async () => {
    const { socket, transport } = openHeld();
    const { pieces, gives } = driveSource();
    const sent = socket.sendStream(pieces);
    socket.send('behind');
    await gives('a');
    void socket.close(4_000);
    expect(() => socket.sendStream(['b'])).toThrow(
      expect.objectContaining({ code: 'WS_SEND_AFTER_CLOSE' }),
    );
    void pieces.return(undefined);
    await gives('b');
    await sent;
    await turn();
    expect(readServer(transport.written)).toEqual(['ab', 'behind', ['close', 4_000, '']]);
  });

  it('waits closingTimeoutMs for it', async () => {
    const { socket } = openHeld({ closingTimeoutMs: 30 });
    const { pieces, gives } = driveSource();
    const sent = socket.sendStream(pieces);
    await gives('a');
    expect(await socket.close()).toMatchObject({ error: { code: 'WS_CLOSING_TIMEOUT' } });
    await expect(sent).rejects.toMatchObject(closed);
  });
});

describe('What cannot be sent', () => {
  it.each([
    ['a string', 'abc'],
    ['bytes', Buffer.from('a')],
    ['a function', () => []],
    ['nothing', undefined],
    ['null', null],
    ['an object', {}],
  ])('is refused: %s', (_, source) => {
    const { socket } = openHeld();
    expect(() => socket.sendStream(source as MessageSource)).toThrow(
      expect.objectContaining({ code: 'WS_INVALID_OPTION' }),
    );
  });

  it.each([
    [{ type: 'blob' }],
    [{ type: null }],
    [{ fragmentBytes: 0 }],
    [{ fragmentBytes: 1.5 }],
    [{ fragmentBytes: '64' }],
    [{ fragmentBytes: Number.POSITIVE_INFINITY }],
  ])('is refused with the options %j', (options) => {
    const { socket } = openHeld();
    const send: Connection['sendStream'] = socket.sendStream.bind(socket);
    expect(() => send(['a'], options as object)).toThrow(
      expect.objectContaining({ code: 'WS_INVALID_OPTION' }),
    );
  });
});

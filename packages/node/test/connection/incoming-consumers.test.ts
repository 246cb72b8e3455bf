import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import { first, last, ping, text } from '../frames.ts';
import { openHeld } from '../open.ts';
import { nextOf, streaming } from '../streaming.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const code = { code: 'WS_ALREADY_CONSUMED' };

describe('A second consumer beside a loop over streams', () => {
  it.each([
    ['another one', (socket: Connection) => socket.incoming()],
    ['an iterator', (socket: Connection) => socket[Symbol.asyncIterator]()],
    ['a listener', (socket: Connection) => socket.on('message', () => {})],
  ])('is refused: %s', (_, consumes) => {
    const { socket } = openHeld();
    socket.incoming();
    expect(() => consumes(socket)).toThrow(expect.objectContaining(code));
  });

  it.each([
    ['an iterator', (socket: Connection) => socket[Symbol.asyncIterator]()],
    ['a listener', (socket: Connection) => socket.on('message', () => {})],
  ])('is refused, and so is such a loop beside %s', (_, consumes) => {
    const { socket } = openHeld();
    consumes(socket);
    expect(() => socket.incoming()).toThrow(expect.objectContaining(code));
  });

  it('may come when the loop has ended with the connection', async () => {
    const { socket, transport } = openHeld();
    transport.destroy();
    for await (const _ of socket.incoming()) throw new Error('no message came');
    for await (const _ of socket.incoming()) throw new Error('no message came');
    for await (const _ of socket) throw new Error('no message came');
    expect(() => socket.on('message', () => {})).not.toThrow();
  });
});

describe('pause() while messages are streamed', () => {
  it('hands out none until resume(), and then all', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    const asked = nextOf(loop);
    socket.pause();
    transport.delivers(Buffer.concat([text('a'), first('b'), last('c')]));
    expect(await settled(asked)).toBe('pending');
    socket.resume();
    expect(await (await asked).text()).toBe('a');
    expect(await (await nextOf(loop)).text()).toBe('bc');
  });

  it('hands out none that had come whole before', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(text('a'));
    await turn();
    socket.pause();
    const asked = nextOf(socket.incoming());
    expect(await settled(asked)).toBe('pending');
    socket.resume();
    expect(await (await asked).text()).toBe('a');
  });

  it('within what was read: not even what begins there', async () => {
    const { socket, transport } = openHeld();
    const loop = socket.incoming();
    const asked = [loop.next(), loop.next()];
    socket.once('ping', () => socket.pause());
    transport.delivers(Buffer.concat([text('a'), ping(), text('b'), ping('2')]));
    expect(await (await asked[0])?.value?.text()).toBe('a');
    expect(await settled(asked[1] as Promise<unknown>)).toBe('pending');
    socket.resume();
    expect(await (await asked[1])?.value?.text()).toBe('b');
  });

  it('within a message: the rest comes after resume()', async () => {
    const { socket, transport, message } = await streaming(first('a'));
    const reading = message.text();
    socket.pause();
    transport.delivers(last('b'));
    expect(await settled(reading)).toBe('pending');
    socket.resume();
    expect(await reading).toBe('ab');
  });

  it('does not hold back the end', async () => {
    const { socket, transport } = openHeld();
    const asked = socket.incoming().next();
    socket.pause();
    transport.destroy();
    expect(await asked).toEqual({ value: undefined, done: true });
  });
});

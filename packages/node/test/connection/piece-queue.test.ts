import { describe, expect, it } from 'vitest';
import { PieceQueue } from '../../src/connection/piece-queue.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** A queue, and what it says that it holds. */
function queueOf(...pieces: string[]) {
  const held = { bytes: 0, changes: 0 };
  const queue = new PieceQueue((bytes) => {
    held.bytes += bytes;
    held.changes++;
  });
  for (const piece of pieces) queue.push(Buffer.from(piece));
  return { queue, held };
}

async function readAll(queue: PieceQueue): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of queue.read()) pieces.push(piece.toString());
  return pieces;
}

describe('The pieces of a message', () => {
  it('are read in order, those that had come and those that come', async () => {
    const { queue } = queueOf('a', 'b');
    const read = readAll(queue);
    await turn();
    queue.push(Buffer.from('c'));
    queue.push(Buffer.from('d'));
    await turn();
    queue.end();
    expect(await read).toEqual(['a', 'b', 'c', 'd']);
  });

  it('may be none', async () => {
    const { queue } = queueOf();
    queue.end();
    expect(await readAll(queue)).toEqual([]);
  });

  it('are each read as soon as they come', async () => {
    const { queue } = queueOf();
    const reader = queue.read();
    const next = reader.next();
    expect(await settled(next)).toBe('pending');
    queue.push(Buffer.from('a'));
    expect(await next).toEqual({ value: Buffer.from('a'), done: false });
  });

  it('may be asked for several at once', async () => {
    const { queue } = queueOf();
    const reader = queue.read();
    const asked = [reader.next(), reader.next(), reader.next()];
    queue.push(Buffer.from('a'));
    queue.push(Buffer.from('b'));
    queue.end();
    expect((await Promise.all(asked)).map(({ value }) => value?.toString())).toEqual([
      'a',
      'b',
      undefined,
    ]);
  });

  it('count as held while they wait, with an overhead for each', async () => {
    const { queue, held } = queueOf('abc', 'd');
    expect(held.bytes).toBe(4 + 2 * 128);
    const reader = queue.read();
    await reader.next();
    expect(held.bytes).toBe(1 + 128);
    await reader.next();
    expect(held.bytes).toBe(0);
  });
});

describe('A message that will not be whole', () => {
  it('gives what has come, and then the error, once', async () => {
    const { queue } = queueOf('a');
    const error = new Error('gone');
    queue.fail(error);
    queue.fail(new Error('later'));
    const reader = queue.read();
    expect(await reader.next()).toEqual({ value: Buffer.from('a'), done: false });
    await expect(reader.next()).rejects.toBe(error);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  it('tells who already waits', async () => {
    const { queue } = queueOf();
    const read = readAll(queue);
    await turn();
    queue.fail(new Error('gone'));
    await expect(read).rejects.toThrow('gone');
  });

  it('is whole if it was before', async () => {
    const { queue } = queueOf('a');
    queue.end();
    queue.fail(new Error('too late'));
    expect(await readAll(queue)).toEqual(['a']);
  });

  it('tells nobody who does not read', async () => {
    const { queue } = queueOf('a');
    queue.fail(new Error('gone'));
    await turn();
  });
});

describe('What nobody reads', () => {
  const code = { code: 'WS_ALREADY_CONSUMED' };

  it('is dropped when it is passed over, and what comes then, too', () => {
    const { queue, held } = queueOf('a', 'b');
    queue.skip();
    queue.push(Buffer.from('c'));
    expect(held.bytes).toBe(0);
    expect(() => queue.read()).toThrow(expect.objectContaining(code));
  });

  it('is not passed over while somebody reads it', async () => {
    const { queue } = queueOf('a');
    const read = readAll(queue);
    queue.skip();
    queue.push(Buffer.from('b'));
    queue.end();
    expect(await read).toEqual(['a', 'b']);
  });

  it('has one reader', () => {
    const { queue } = queueOf('a');
    queue.read();
    expect(() => queue.read()).toThrow(expect.objectContaining(code));
  });

  it('changes nothing when nothing is held', () => {
    const { queue, held } = queueOf();
    queue.skip();
    expect(held.changes).toBe(0);
  });
});

describe('A reader that leaves', () => {
  it('drops the rest', async () => {
    const { queue, held } = queueOf('a', 'b', 'c');
    for await (const _ of queue.read()) break;
    expect(held.bytes).toBe(0);
    queue.push(Buffer.from('d'));
    expect(held.bytes).toBe(0);
  });

  it('drops it although it has never asked for a piece', async () => {
    const { queue, held } = queueOf('a');
    const reader = queue.read();
    expect(await reader.return?.()).toEqual({ value: undefined, done: true });
    expect(held.bytes).toBe(0);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  it('drops it although it waits for the next piece, which ends', async () => {
    const { queue, held } = queueOf();
    const reader = queue.read();
    const next = reader.next();
    await turn();
    await reader.return?.();
    queue.push(Buffer.from('a'));
    expect(await next).toEqual({ value: undefined, done: true });
    expect(held.bytes).toBe(0);
  });

  it('is its own iterable', () => {
    const reader = queueOf().queue.read();
    expect(reader[Symbol.asyncIterator]()).toBe(reader);
  });
});

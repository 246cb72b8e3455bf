import { describe, expect, it } from 'vitest';
import { Cursor } from '../src/server/cursor.ts';
import { CHUNK_BYTES } from '../src/shared/chunk.ts';
import { WINDOW_BYTES } from '../src/shared/limits.ts';

const WINDOW_CHUNKS = WINDOW_BYTES / CHUNK_BYTES;

describe('a cursor', () => {
  it('is ready when a whole chunk is there, or all that is left', async () => {
    const file = { ...source(CHUNK_BYTES + 5), bytes: 0 };
    const cursor = new Cursor(file, 0);
    expect(cursor.ready).toBe(false);
    file.bytes = CHUNK_BYTES - 1;
    expect(cursor.ready).toBe(false);
    file.bytes = CHUNK_BYTES;
    expect(await step(cursor)).toEqual({ id: 7, offset: 0, length: CHUNK_BYTES });
    expect(cursor.ready).toBe(false);
    file.bytes = CHUNK_BYTES + 5;
    expect(await step(cursor)).toEqual({ id: 7, offset: CHUNK_BYTES, length: 5 });
    expect(cursor.ready).toBe(false);
  });

  it('is never ready for a file without bytes', () => {
    expect(new Cursor(source(0), 0).ready).toBe(false);
  });

  it('sends one window, and after that as much as is acknowledged', async () => {
    const cursor = new Cursor(source(10 * WINDOW_BYTES), 0);
    expect(await sendAll(cursor)).toBe(WINDOW_CHUNKS);
    expect(cursor.acknowledge(CHUNK_BYTES)).toBe(true);
    expect(await sendAll(cursor)).toBe(1);
    expect(cursor.acknowledge(WINDOW_BYTES)).toBe(true);
    expect(await sendAll(cursor)).toBe(WINDOW_CHUNKS - 1);
    expect([cursor.taken, cursor.sent]).toEqual([WINDOW_BYTES, 2 * WINDOW_BYTES]);
  });

  it('begins where it is told to', async () => {
    const cursor = new Cursor(source(3 * CHUNK_BYTES), 2 * CHUNK_BYTES);
    expect(await step(cursor)).toEqual({ id: 7, offset: 2 * CHUNK_BYTES, length: CHUNK_BYTES });
    expect(cursor.ready).toBe(false);
  });

  it.each([
    ['more than was sent', 3 * CHUNK_BYTES],
    ['what was acknowledged before', CHUNK_BYTES],
    ['less than was acknowledged before', 0],
    ['what ends in a chunk', CHUNK_BYTES + 1],
    ['no number', Number.NaN],
  ])('believes nobody who acknowledges %s', async (_what, bytes) => {
    const cursor = new Cursor(source(9 * CHUNK_BYTES), 0);
    await step(cursor);
    await step(cursor);
    cursor.acknowledge(CHUNK_BYTES);
    expect(cursor.acknowledge(bytes)).toBe(false);
    expect(cursor.taken).toBe(CHUNK_BYTES);
  });

  it('does not count as sent what could not be read', async () => {
    const read = () => Promise.reject(new Error('EIO'));
    const cursor = new Cursor({ ...source(5), read }, 0);
    await expect(step(cursor)).rejects.toThrow('EIO');
    expect(cursor.sent).toBe(0);
  });
});

function source(size: number) {
  return { id: 7, size, bytes: size, read: async () => undefined };
}

function step(cursor: Cursor) {
  return cursor.read(new Uint8Array(CHUNK_BYTES));
}

async function sendAll(cursor: Cursor): Promise<number> {
  let count = 0;
  for (; cursor.ready; count++) await step(cursor);
  return count;
}

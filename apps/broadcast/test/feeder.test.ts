import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Cursor } from '../src/server/cursor.ts';
import { Feeder } from '../src/server/feeder.ts';
import { CHUNK_BYTES, CHUNK_HEADER_BYTES, readChunkHeader } from '../src/shared/chunk.ts';

const quiet = { onSent: () => undefined, onError: () => undefined };

describe('a feeder', () => {
  it('sends a chunk of each file in turn', async () => {
    const outlet = new Outlet();
    const feeder = new Feeder(outlet);
    feeder.add(new Cursor(source(1, 3), 0), quiet);
    feeder.add(new Cursor(source(2, 2), 0), quiet);
    for (let n = 0; n < 6; n++) await outlet.drain();
    expect(outlet.sent).toEqual(['1@0', '2@0', '1@1', '2@1', '1@2']);
  });

  it('reads nothing before the connection has room, and then into the same buffer', async () => {
    const outlet = new Outlet();
    const file = source(1, 3);
    new Feeder(outlet).add(new Cursor(file, 0), quiet);
    await outlet.settle();
    expect([file.reads, outlet.sent]).toEqual([1, ['1@0']]);
    await outlet.drain();
    await outlet.drain();
    expect([file.reads, outlet.sent]).toEqual([3, ['1@0', '1@1', '1@2']]);
    expect(outlet.buffers.size).toBe(1);
  });

  it('goes on when there is more', async () => {
    const outlet = new Outlet();
    const file = source(1, 2);
    file.bytes = CHUNK_BYTES;
    const feeder = new Feeder(outlet);
    feeder.add(new Cursor(file, 0), quiet);
    await outlet.drain();
    expect(outlet.sent).toEqual(['1@0']);
    file.bytes = 2 * CHUNK_BYTES;
    feeder.wake();
    await outlet.settle();
    expect(outlet.sent).toEqual(['1@0', '1@1']);
  });

  it('does not send what was cancelled while it was read', async () => {
    const outlet = new Outlet();
    const feeder = new Feeder(outlet);
    const cursor = new Cursor(source(1, 3), 0);
    feeder.add(cursor, quiet);
    feeder.remove(cursor);
    await outlet.settle();
    expect(outlet.sent).toEqual([]);
  });

  it('gives up a file that cannot be read, and no other', async () => {
    const outlet = new Outlet();
    const feeder = new Feeder(outlet);
    const errors: unknown[] = [];
    const broken = { ...source(1, 3), read: () => Promise.reject(new Error('EIO')) };
    const onError = (error: unknown) => void errors.push(error);
    feeder.add(new Cursor(broken, 0), { ...quiet, onError });
    feeder.add(new Cursor(source(2, 2), 0), quiet);
    await outlet.drain();
    await outlet.drain();
    expect(errors).toMatchObject([{ message: 'EIO' }]);
    expect(outlet.sent).toEqual(['2@0', '2@1']);
  });

  it('stops when the connection has ended', async () => {
    const outlet = new Outlet();
    const file = source(1, 3);
    const feeder = new Feeder(outlet);
    feeder.add(new Cursor(file, 0), quiet);
    await outlet.settle();
    outlet.end();
    await outlet.settle();
    feeder.wake();
    await outlet.settle();
    expect(file.reads).toBe(1);
  });
});

/** A connection of which the test says when it has room. */
class Outlet {
  readonly sent: string[] = [];
  readonly buffers = new Set<ArrayBufferLike>();
  #drained = Promise.withResolvers<void>();

  send(message: Uint8Array): void {
    const header = readChunkHeader(message);
    this.sent.push(`${header?.id}@${Number(header?.offset) / CHUNK_BYTES}`);
    this.buffers.add(message.buffer);
    expect(message.byteLength).toBe(CHUNK_HEADER_BYTES + CHUNK_BYTES);
  }

  drained(): Promise<void> {
    return this.#drained.promise;
  }

  async drain(): Promise<void> {
    await this.settle();
    const { resolve } = this.#drained;
    this.#drained = Promise.withResolvers();
    resolve();
    await this.settle();
  }

  end(): void {
    this.#drained.reject(new Error('closed'));
  }

  async settle(): Promise<void> {
    for (let n = 0; n < 5; n++) await turn();
  }
}

function source(id: number, chunks: number) {
  const size = chunks * CHUNK_BYTES;
  const file = {
    id,
    size,
    bytes: size,
    reads: 0,
    read: async () => {
      file.reads += 1;
    },
  };
  return file;
}

import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it } from 'vitest';
import { Spool } from '../src/server/spool.ts';
import { CHUNK_BYTES } from '../src/shared/chunk.ts';
import { WINDOW_BYTES } from '../src/shared/limits.ts';
import { enter, Guest, sha256, someBytes } from './guest.ts';
import { start } from './start.ts';

/** More than any window. */
const LARGE = someBytes(4 * WINDOW_BYTES + 4_321);

describe('a file', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, LARGE.byteLength])(
    'of %i bytes goes from one to everybody else, with the same checksums',
    async (size) => {
      const { url } = await start();
      const [ada, mira, jo] = await enter(url, 'Ada', 'Mira', 'Jo');
      const bytes = LARGE.subarray(0, size);
      const receiving = Promise.all([mira.receives(), jo.receives()]);
      const id = await ada.sends('notes.txt', bytes);
      expect(await receiving).toEqual([sha256(bytes), sha256(bytes)]);
      expect(await ada.hears('stored')).toEqual({ type: 'stored', id, sha256: sha256(bytes) });
      const { receivers } = await ada.hears('delivered');
      expect(receivers).toEqual({ total: 2, have: 2, different: 0, slowestBytes: size });
      expect(ada.unheard('incoming')).toEqual([]);
    },
  );

  it('is announced with who sends it, and a name that is no path', async () => {
    const { url } = await start();
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    ada.say({ type: 'offer', ref: 7, name: '../../etc/\u202epass\nwd', size: 5 });
    expect(await ada.hears('accepted')).toEqual({ type: 'accepted', ref: 7, id: 1 });
    const announced = { type: 'incoming', id: 1, from: 'Ada', name: 'pass wd', size: 5 };
    expect(await mira.hears('incoming')).toEqual(announced);
  });

  it('goes beside others, each with its own progress, in both directions', async () => {
    const { url } = await start();
    const [ada, mira, jo] = await enter(url, 'Ada', 'Mira', 'Jo');
    const receiving = [jo, jo, jo, ada, mira, mira].map((guest) => guest.hears('incoming'));
    const files = [LARGE, LARGE.subarray(7), LARGE.subarray(70_000)];
    const [first, second, third] = files.map((file) => sha256(file));
    await ada.starts('1', LARGE, 5 * CHUNK_BYTES);
    const one = 1;
    await ada.sends('2', LARGE.subarray(7));
    await mira.sends('3', LARGE.subarray(70_000));
    for (let at = 5 * CHUNK_BYTES; at < LARGE.byteLength; at += CHUNK_BYTES) {
      ada.sendChunk(one, at, LARGE.subarray(at, at + CHUNK_BYTES));
    }
    ada.say({ type: 'end', id: one, sha256: sha256(LARGE) });
    const infos = await Promise.all(receiving);
    const guests = [jo, jo, jo, ada, mira, mira];
    // One guest's files come at once; their `complete` may come in any order.
    for (const [index, info] of infos.entries()) {
      guests[index]?.say({ type: 'want', id: info.id, from: 0 });
    }
    const sums = await Promise.all(
      infos.map(async ({ id, size }, index) => {
        const guest = guests[index] ?? jo;
        const parts: Uint8Array[] = [];
        for (let taken = 0; taken < size; guest.say({ type: 'ack', id, bytes: taken })) {
          const { bytes } = await guest.chunk(id);
          parts.push(bytes);
          taken += bytes.byteLength;
        }
        return [id, sha256(...parts)];
      }),
    );
    const expected = new Map([
      [1, first],
      [2, second],
      [3, third],
    ]);
    for (const [id, sum] of sums) expect(expected.get(Number(id))).toBe(sum);
  });

  it('that says something else of itself than it is, is told apart', async () => {
    const { url } = await start();
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    const bytes = someBytes(10);
    const id = await ada.starts('a', bytes);
    ada.say({ type: 'end', id, sha256: '0'.repeat(64) });
    await mira.hears('incoming');
    mira.say({ type: 'want', id, from: 0 });
    await mira.chunk(id);
    const complete = await mira.hears('complete');
    const sums = { senderSha256: '0'.repeat(64), serverSha256: sha256(bytes) };
    expect(complete).toEqual({ type: 'complete', id, ...sums });
    mira.say({ type: 'ack', id, bytes: 10 });
    mira.say({ type: 'received', id, sha256: '1'.repeat(64) });
    expect((await ada.hears('delivered')).receivers).toMatchObject({ have: 0, different: 1 });
  });
});

describe('a receiver', () => {
  it('that never acknowledges gets one window, and delays nobody', async () => {
    const { url } = await start();
    const [ada, mira, idle] = await enter(url, 'Ada', 'Mira', 'Idle');
    const receiving = mira.receives();
    const id = await ada.sends('film', LARGE);
    idle.say({ type: 'want', id: (await idle.hears('incoming')).id, from: 0 });
    expect(await receiving).toBe(sha256(LARGE));
    await expect.poll(() => idle.waitingBytes).toBe(WINDOW_BYTES);
    await sleep(50);
    expect(idle.waitingBytes).toBe(WINDOW_BYTES);
    await expect
      .poll(async () => (await ada.hears('progress')).receivers)
      .toEqual({ total: 2, have: 1, different: 0, slowestBytes: 0 });
    idle.say({ type: 'ack', id, bytes: CHUNK_BYTES });
    await expect.poll(() => idle.waitingBytes).toBe(WINDOW_BYTES + CHUNK_BYTES);
  });

  it('that comes while a file is on its way gets all of it', async () => {
    const { url } = await start();
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    const id = await ada.starts('film', LARGE, 10 * CHUNK_BYTES);
    await mira.hears('incoming');
    while ((await ada.hears('taken')).bytes < 10 * CHUNK_BYTES);
    const late = new Guest(url, 'Late');
    const { incoming } = await late.hears('welcome');
    expect(incoming).toMatchObject([{ id, from: 'Ada', name: 'film', size: LARGE.byteLength }]);
    const receiving = late.takes(incoming[0] ?? expect.fail());
    for (let at = 10 * CHUNK_BYTES; at < LARGE.byteLength; at += CHUNK_BYTES) {
      ada.sendChunk(id, at, LARGE.subarray(at, at + CHUNK_BYTES));
    }
    ada.say({ type: 'end', id, sha256: sha256(LARGE) });
    expect(await receiving).toBe(sha256(LARGE));
  });

  it('that was cut off goes on where it was, although nobody else is there meanwhile', async () => {
    const { url, sockets } = await start();
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    const id = await ada.sends('film', LARGE);
    const info = await mira.hears('incoming');
    mira.say({ type: 'want', id, from: 0 });
    const { bytes: first } = await mira.chunk(id);
    [...sockets.connections].at(-1)?.destroy();
    await mira.closed();
    const again = new Guest(url, 'Mira');
    expect((await again.hears('welcome')).incoming).toEqual([info]);
    expect(await again.takes(info, new Uint8Array(first))).toBe(sha256(LARGE));
    expect((await ada.hears('delivered')).receivers).toMatchObject({ total: 1, have: 1 });
  });

  it('that leaves, or cancels, changes nothing for the others', async () => {
    const { url } = await start();
    const [ada, mira, leaver, decliner] = await enter(url, 'Ada', 'Mira', 'Leaver', 'Decliner');
    const receiving = mira.receives();
    const id = await ada.starts('film', LARGE, 20 * CHUNK_BYTES);
    for (const guest of [leaver, decliner]) {
      await guest.hears('incoming');
      guest.say({ type: 'want', id, from: 0 });
      await guest.chunk(id);
    }
    await leaver.leaves();
    decliner.say({ type: 'cancel', id });
    // What it says of the file before it knows that it is out is nobody's mistake.
    decliner.say({ type: 'ack', id, bytes: CHUNK_BYTES });
    for (let at = 20 * CHUNK_BYTES; at < LARGE.byteLength; at += CHUNK_BYTES) {
      ada.sendChunk(id, at, LARGE.subarray(at, at + CHUNK_BYTES));
    }
    ada.say({ type: 'end', id, sha256: sha256(LARGE) });
    expect(await receiving).toBe(sha256(LARGE));
    decliner.say({ type: 'ping' });
    await decliner.hears('pong');
    expect((await ada.hears('delivered')).receivers).toMatchObject({ total: 1, have: 1 });
  });

  it('that takes nothing for too long is given up on, and told so', async () => {
    const { url } = await start({ bounds: { stallMs: 100 } });
    const [ada, idle] = await enter(url, 'Ada', 'Idle');
    const id = await ada.sends('film', LARGE);
    await idle.hears('incoming');
    idle.say({ type: 'want', id, from: 0 });
    expect(await idle.hears('ended')).toMatchObject({ id, code: 'you_stalled' });
    expect((await ada.hears('delivered')).receivers).toMatchObject({ total: 0, have: 0 });
  });
});

describe('a sender', () => {
  it('hears what is on the disk', async () => {
    const { url } = await start();
    const [ada] = await enter(url, 'Ada', 'Mira');
    await ada.starts('film', LARGE, 2 * CHUNK_BYTES);
    expect((await ada.hears('taken')).bytes).toBe(CHUNK_BYTES);
    expect((await ada.hears('taken')).bytes).toBe(2 * CHUNK_BYTES);
  });

  it('that cancels cancels for all who have not all of it', async () => {
    const { url } = await start();
    const [ada, mira, jo] = await enter(url, 'Ada', 'Mira', 'Jo');
    const receiving = mira.receives();
    const id = await ada.sends('film', LARGE);
    await jo.hears('incoming');
    await receiving;
    await expect.poll(async () => (await ada.hears('progress')).receivers.have).toBe(1);
    ada.say({ type: 'cancel', id });
    expect(await jo.hears('ended')).toMatchObject({ id, code: 'cancelled' });
    mira.say({ type: 'ping' });
    await mira.hears('pong');
    expect(mira.unheard('ended')).toEqual([]);
    // What was under way when it was cancelled is no mistake.
    ada.sendChunk(id, 0, LARGE.subarray(0, CHUNK_BYTES));
    jo.say({ type: 'ack', id, bytes: CHUNK_BYTES });
    ada.say({ type: 'ping' });
    await ada.hears('pong');
  });

  it('that leaves before its end ends it for all; after it, nothing ends', async () => {
    const { url } = await start();
    const [ada, mira, jo] = await enter(url, 'Ada', 'Mira', 'Jo');
    const half = await ada.starts('half', LARGE, 2 * CHUNK_BYTES);
    await mira.hears('incoming');
    const whole = await jo.sends('whole', LARGE);
    const { id } = await mira.hears('incoming');
    expect(id).toBe(whole);
    await jo.hears('stored');
    await Promise.all([ada.leaves(), jo.leaves()]);
    expect(await mira.hears('ended')).toMatchObject({ id: half, code: 'sender_left' });
    const info = {
      type: 'incoming',
      id,
      from: 'Jo',
      name: 'whole',
      size: LARGE.byteLength,
    } as const;
    expect(await mira.takes(info)).toBe(sha256(LARGE));
  });

  it('that sends nothing for too long is given up on, and so is what nobody wants', async () => {
    const { url } = await start({ bounds: { stallMs: 100, lingerMs: 0 } });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    await ada.starts('slow', LARGE, CHUNK_BYTES);
    expect(await ada.hears('ended')).toMatchObject({ code: 'sender_stalled' });
    expect(await mira.hears('ended')).toMatchObject({ code: 'sender_stalled' });
    const unwanted = await ada.starts('unwanted', LARGE, CHUNK_BYTES);
    mira.say({ type: 'cancel', id: unwanted });
    expect(await ada.hears('ended')).toMatchObject({ id: unwanted, code: 'nobody_left' });
  });
});

describe('a disk that fails', () => {
  it('is said to the sender before anybody else hears of the file', async () => {
    const errors: unknown[] = [];
    const createSpool = () => Promise.reject(new Error('full'));
    const { url } = await start({ createSpool, onSpoolError: (error) => errors.push(error) });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    ada.say({ type: 'offer', ref: 3, name: 'a', size: 1 });
    expect(await ada.hears('refused')).toMatchObject({ ref: 3, code: 'spool_failed' });
    expect(mira.unheard('incoming')).toEqual([]);
    expect(errors).toMatchObject([{ message: 'full' }]);
  });

  it('while a file comes in is said to everybody, and the server goes on', async () => {
    const spools = [await unwritable(), undefined];
    const createSpool = async () => spools.shift() ?? (await Spool.create(tempFolder()));
    const { url } = await start({ createSpool });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    const id = await ada.starts('film', LARGE);
    expect(await ada.hears('ended')).toMatchObject({ id, code: 'spool_failed' });
    expect(await mira.hears('ended')).toMatchObject({ id, code: 'spool_failed' });
    await mira.hears('incoming');
    const receiving = mira.receives();
    await ada.sends('film', LARGE);
    expect(await receiving).toBe(sha256(LARGE));
  });

  it('while a file is read is said to everybody', async () => {
    const broken = await Spool.create(tempFolder());
    const { url } = await start({ createSpool: async () => broken });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    const id = await ada.sends('film', LARGE);
    await ada.hears('stored');
    await broken.close();
    await mira.hears('incoming');
    mira.say({ type: 'want', id, from: 0 });
    expect(await ada.hears('ended')).toMatchObject({ id, code: 'spool_failed' });
    expect(await mira.hears('ended')).toMatchObject({ id, code: 'spool_failed' });
  });
});

/** A real file that refuses to be written to. */
async function unwritable(): Promise<Spool> {
  const path = join(tempFolder(), 'read-only');
  await writeFile(path, '');
  return new Spool(await open(path, 'r'));
}

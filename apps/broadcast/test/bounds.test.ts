import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it } from 'vitest';
import { Spool } from '../src/server/spool.ts';
import { CHUNK_BYTES, CHUNK_HEADER_BYTES } from '../src/shared/chunk.ts';
import { enter, Guest, someBytes } from './guest.ts';
import { start } from './start.ts';

describe('the server takes no more than', () => {
  it('so many bytes in one file', async () => {
    const { url } = await start({ bounds: { maxFileBytes: 1_000 } });
    const [ada] = await enter(url, 'Ada', 'Mira');
    ada.say({ type: 'offer', ref: 1, name: 'a', size: 1_001 });
    expect(await ada.hears('refused')).toMatchObject({ ref: 1, code: 'too_big' });
    ada.say({ type: 'offer', ref: 2, name: 'a', size: 1_000 });
    await ada.hears('accepted');
  });

  it('so many bytes of all files, which are free again when a file is over', async () => {
    const { url } = await start({ bounds: { maxSpoolBytes: 1_500 } });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    ada.say({ type: 'offer', ref: 1, name: 'a', size: 1_000 });
    const { id } = await ada.hears('accepted');
    mira.say({ type: 'offer', ref: 1, name: 'b', size: 501 });
    expect(await mira.hears('refused')).toMatchObject({ ref: 1, code: 'no_space' });
    ada.say({ type: 'cancel', id });
    await ada.hears('ended');
    // A moment later: when the disk has them back.
    const offer = async () => {
      mira.say({ type: 'offer', ref: 2, name: 'b', size: 501 });
      mira.say({ type: 'ping' });
      await mira.hears('pong');
      return mira.unheard('accepted').length;
    };
    await expect.poll(offer).toBe(1);
  });

  it('so many files at once of one person, and of all; those that are stored do not count', async () => {
    const { url } = await start({ bounds: { maxUploads: 1, maxTransfers: 3 } });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    await ada.sends('stored', someBytes(5));
    await ada.starts('first', someBytes(5));
    ada.say({ type: 'offer', ref: 2, name: 'second', size: 5 });
    expect(await ada.hears('refused')).toMatchObject({ ref: 2, code: 'too_many' });
    await mira.starts('third', someBytes(5));
    mira.say({ type: 'offer', ref: 2, name: 'fourth', size: 5 });
    expect(await mira.hears('refused')).toMatchObject({ ref: 2, code: 'busy' });
  });

  it('so many files at once, those too whose place on the disk is still being made', async () => {
    let diskIsReady = () => {};
    const ready = new Promise<void>((resolve) => {
      diskIsReady = resolve;
    });
    const createSpool = () => ready.then(() => Spool.create(tempFolder()));
    const { url } = await start({ createSpool, bounds: { maxTransfers: 1 } });
    const both = await enter(url, 'Ada', 'Mira');
    for (const person of both) person.say({ type: 'offer', ref: 1, name: 'a', size: 1 });
    const heard = (type: 'accepted' | 'refused') => both.flatMap((one) => one.unheard(type));
    await expect.poll(() => heard('refused')).toMatchObject([{ code: 'busy' }]);
    diskIsReady();
    await expect.poll(() => heard('accepted')).toHaveLength(1);
  });

  it('so many people: the next one is told why, and to try again', async () => {
    const { url } = await start({ bounds: { maxPeople: 2 } });
    const [ada] = await enter(url, 'Ada', 'Mira');
    const late = new Guest(url, 'Late');
    const closed = late.closed();
    expect(await late.hears('goodbye')).toMatchObject({ code: 'full' });
    expect(await closed).toMatchObject({ code: 1013 });
    await ada.leaves();
    await Guest.enter(url, 'Late');
  });

  it('what somebody could receive', async () => {
    const { url } = await start();
    const [ada] = await enter(url, 'Ada');
    ada.say({ type: 'offer', ref: 1, name: 'a', size: 1 });
    expect(await ada.hears('refused')).toMatchObject({ ref: 1, code: 'alone' });
  });

  it('so many offers in a second, from one person, and is slower instead', async () => {
    const { url } = await start({ bounds: { maxFileBytes: 1 } });
    const [ada, mira] = await enter(url, 'Ada', 'Mira');
    const begun = performance.now();
    for (let ref = 0; ref < 60; ref++) ada.say({ type: 'offer', ref, name: 'a', size: 2 });
    mira.say({ type: 'ping' });
    await mira.hears('pong');
    for (let ref = 0; ref < 60; ref++) await ada.hears('refused');
    expect(performance.now() - begun).toBeGreaterThan(300);
  });
});

describe('people', () => {
  it('are known by name to each other, from when they come until they go', async () => {
    const { url } = await start();
    const ada = new Guest(url, 'Ada');
    const { you, people } = await ada.hears('welcome');
    expect(people).toEqual([{ id: you, name: 'Ada' }]);
    const mira = new Guest(url, '\u202e \u0000');
    const welcome = await mira.hears('welcome');
    expect(welcome.people).toEqual([...people, { id: welcome.you, name: 'Somebody' }]);
    expect((await ada.hears('people')).people).toEqual(welcome.people);
    mira.say({ type: 'rename', name: ' Mira  K. ' });
    expect((await ada.hears('people')).people[1]?.name).toBe('Mira K.');
    await mira.leaves();
    expect((await ada.hears('people')).people).toEqual(people);
  });
});

describe('a connection ends with 1008, and nobody else is harmed, when it', () => {
  const bytes = someBytes(2 * CHUNK_BYTES + 5);
  const sha = '0'.repeat(64);

  it.each<[string, string, (hostile: Guest, theirs: number, own: number) => void]>([
    ['says what is no JSON', 'A message that no page says', (guest) => guest.raw('{')],
    [
      'says what is no message',
      'A message that no page says',
      (guest) => guest.raw('{"type":"shout"}'),
    ],
    [
      'has a name without end',
      'A message that no page says',
      (guest) => guest.raw(offer('x'.repeat(8_000))),
    ],
    [
      'offers a file of a negative size',
      'A message that no page says',
      (guest) => guest.raw(offer('a', -1)),
    ],
    [
      'sends a chunk without a header',
      'A chunk without a header',
      (guest) => guest.raw(new Uint8Array(11)),
    ],
    [
      'sends a chunk of a file that never was',
      'There has been no such file',
      (guest) => guest.sendChunk(99, 0, bytes.subarray(0, CHUNK_BYTES)),
    ],
    [
      "sends a chunk of another's file",
      'A chunk of a file that is not being sent',
      (guest, theirs) => guest.sendChunk(theirs, CHUNK_BYTES, bytes.subarray(0, CHUNK_BYTES)),
    ],
    [
      'sends a chunk that is not the next',
      'A chunk is not the next one',
      (guest, _, own) => guest.sendChunk(own, CHUNK_BYTES, bytes.subarray(0, CHUNK_BYTES)),
    ],
    [
      'sends a chunk that is too short',
      'A chunk has not the length it should have',
      (guest, _, own) => guest.sendChunk(own, 0, bytes.subarray(0, 5)),
    ],
    [
      'sends an empty chunk',
      'A chunk has not the length it should have',
      (guest, _, own) => guest.sendChunk(own, 0, bytes.subarray(0, 0)),
    ],
    [
      'ends a file before its end',
      'A file ends before its end',
      (guest, _, own) => guest.say({ type: 'end', id: own, sha256: sha }),
    ],
    [
      "ends another's file",
      'The end of a file that is not being sent',
      (guest, id) => guest.say({ type: 'end', id, sha256: sha }),
    ],
    [
      'receives its own file',
      'A sender receives its own file',
      (guest, _, own) => guest.say({ type: 'want', id: own, from: 0 }),
    ],
    [
      'wants a file that never was',
      'There has been no such file',
      (guest) => guest.say({ type: 'want', id: 0, from: 0 }),
    ],
    [
      'wants what is not there',
      'A file is wanted from where it is not',
      (guest, id) => guest.say({ type: 'want', id, from: 2 * CHUNK_BYTES }),
    ],
    [
      'wants from the middle of a chunk',
      'A file is wanted from where no chunk begins',
      (guest, id) => guest.say({ type: 'want', id, from: 1 }),
    ],
    [
      'wants a file twice',
      'A file is wanted twice',
      (guest, id) => want(guest, id, () => guest.say({ type: 'want', id, from: 0 })),
    ],
    [
      'acknowledges what it did not want',
      'An acknowledgement of what was not sent',
      (guest, id) => guest.say({ type: 'ack', id, bytes: CHUNK_BYTES }),
    ],
    [
      'acknowledges more than it was sent',
      'An acknowledgement of what was not sent',
      (guest, id) => want(guest, id, () => guest.say({ type: 'ack', id, bytes: 2 * CHUNK_BYTES })),
    ],
    [
      'acknowledges nothing',
      'An acknowledgement of what was not sent',
      (guest, id) => want(guest, id, () => guest.say({ type: 'ack', id, bytes: 0 })),
    ],
    [
      'acknowledges half a chunk',
      'An acknowledgement of what was not sent',
      (guest, id) => want(guest, id, () => guest.say({ type: 'ack', id, bytes: 5 })),
    ],
    [
      'has received what is not all there',
      'A checksum of what was not sent',
      (guest, id) => want(guest, id, () => guest.say({ type: 'received', id, sha256: sha })),
    ],
  ])('%s', async (_what, reason, act) => {
    const { url } = await start();
    const [ada, hostile, mira] = await enter(url, 'Ada', 'Hostile', 'Mira');
    const theirs = await ada.starts('film', bytes, CHUNK_BYTES);
    await ada.hears('taken');
    const own = await hostile.starts('bait', bytes, 0);
    const closed = hostile.closed();
    act(hostile, theirs, own);
    expect(await hostile.hears('goodbye')).toMatchObject({ code: 'bad_message' });
    expect(await closed).toEqual({ code: 1008, reason });
    const info = await mira.hears('incoming');
    expect(info.id).toBe(theirs);
    expect(await mira.hears('ended')).toMatchObject({ id: own, code: 'sender_left' });
    mira.say({ type: 'want', id: theirs, from: 0 });
    expect((await mira.chunk(theirs)).bytes).toEqual(bytes.subarray(0, CHUNK_BYTES));
  });

  it('sends more than a chunk at once, which is 1009', async () => {
    const { url } = await start();
    const [hostile] = await enter(url, 'Hostile', 'Ada');
    const closed = hostile.closed();
    hostile.raw(new Uint8Array(CHUNK_HEADER_BYTES + CHUNK_BYTES + 1));
    expect(await closed).toMatchObject({ code: 1009 });
  });
});

function offer(name: string, size = 1): string {
  return JSON.stringify({ type: 'offer', ref: 1, name, size });
}

function want(guest: Guest, id: number, then: () => void): void {
  guest.say({ type: 'want', id, from: 0 });
  void guest.chunk(id).then(then);
}

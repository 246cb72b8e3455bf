import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../src/shared/chunk.ts';
import { WINDOW_BYTES } from '../../src/shared/limits.ts';
import { ownBroadcastServer } from '../broadcast-server.ts';
import { Guest, sha256, someBytes } from '../guest.ts';
import { Person } from './person.ts';

const FILM = someBytes(3 * WINDOW_BYTES + 7);
const film = { name: 'film.bin', bytes: FILM };
const COMPLETE = /^Complete, and the same as/u;

describe.skipIf(chromiumIsMissing)('people share files', () => {
  const profile = useChromium();

  it('several at once and in both directions, each of them whole', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Person.enter(await profile(), url, 'Mira');
    const files = [1, 2, 3, 4, 5, 6].map((n) => {
      return { name: `${n}.bin`, bytes: someBytes(n * 300_000 + n) };
    });
    await Promise.all([ada.chooses(...files), mira.chooses(film)]);
    for (const { name, bytes } of files) {
      await mira.reads(mira.incoming(name), COMPLETE);
      expect((await mira.checksums(mira.incoming(name)))[0]).toBe(sha256(bytes));
      await ada.reads(ada.outgoing(name), '1 person has it, verified.');
    }
    await ada.reads(ada.incoming('film.bin'), COMPLETE);
    const saved = await ada.saves(ada.incoming('film.bin'));
    expect(saved).toEqual({ name: 'film.bin', sha256: sha256(FILM) });
    await ada.presses('Remove', ada.incoming('film.bin'));
    await expect.poll(() => ada.incoming('film.bin').count()).toBe(0);
    expect([ada.errors, mira.errors]).toEqual([[], []]);
  });

  it('dropped anywhere on the page', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Person.enter(await profile(), url, 'Mira');
    await ada.page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['dropped'], '../dropped.txt'));
      const options = { dataTransfer, bubbles: true, cancelable: true };
      const target = document.querySelector('h1') ?? document.body;
      target.dispatchEvent(new DragEvent('dragenter', options));
      if (!document.body.classList.contains('dragging')) throw new Error('Nothing to be seen');
      target.dispatchEvent(new DragEvent('drop', options));
      if (document.body.classList.contains('dragging')) throw new Error('Still to be seen');
    });
    await mira.reads(mira.incoming('dropped.txt'), COMPLETE);
  });

  it('and whoever is alone has them wait until somebody comes', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    await expect.poll(() => ada.text('#people-count')).toBe('· only you are here');
    await ada.chooses(film);
    await ada.reads(ada.outgoing('film.bin'), 'Waits until somebody else is here.');
    const mira = await Person.enter(await profile(), url, 'Mira');
    await mira.reads(mira.incoming('film.bin'), COMPLETE);
    await expect.poll(() => ada.people()).toEqual(['Ada (you)', 'Mira']);
    await expect.poll(() => ada.text('#people-count')).toBe('· 2 people are here');
  });

  it('with somebody who is slow, who delays nobody; and with somebody who comes late', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Person.enter(await profile(), url, 'Mira');
    const slow = await Guest.enter(url, 'Slow');
    await ada.chooses(film);
    const info = await slow.hears('incoming');
    slow.say({ type: 'want', id: info.id, from: 0 });
    await mira.reads(mira.incoming('film.bin'), COMPLETE);
    const row = ada.outgoing('film.bin');
    await expect.poll(() => row.locator('.file-note').textContent()).toMatch(/1 of 2 have it$/u);
    await ada.reads(row, /^All of it is on the server; the slowest receiver has 0 %\.$/u);
    expect(slow.waitingBytes).toBe(WINDOW_BYTES);

    const late = await Person.enter(await profile(), url, 'Late');
    await late.reads(late.incoming('film.bin'), COMPLETE);
    await expect.poll(() => row.locator('.file-note').textContent()).toMatch(/2 of 3 have it$/u);
    slow.say({ type: 'ack', id: info.id, bytes: 8 * CHUNK_BYTES });
    await ada.reads(row, /the slowest receiver has 16 %\.$/u);
    await slow.leaves();
    await ada.reads(row, '2 people have it, verified.');
  });

  it('and cancel: the sender for all, a receiver for itself', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Person.enter(await profile(), url, 'Mira');
    const jo = await Person.enter(await profile(), url, 'Jo');
    const slow = await Guest.enter(url, 'Slow');
    const id = await slow.starts('theirs.bin', FILM, 10 * CHUNK_BYTES);
    await mira.reads(mira.incoming('theirs.bin'), /^20 % received/u);
    await mira.presses('Cancel', mira.incoming('theirs.bin'));
    await mira.reads(mira.incoming('theirs.bin'), 'You cancelled it. The others still get it.');
    for (let at = 10 * CHUNK_BYTES; at < FILM.byteLength; at += CHUNK_BYTES) {
      slow.sendChunk(id, at, FILM.subarray(at, at + CHUNK_BYTES));
    }
    slow.say({ type: 'end', id, sha256: sha256(FILM) });
    await jo.reads(jo.incoming('theirs.bin'), COMPLETE);
    await mira.reads(mira.incoming('theirs.bin'), 'You cancelled it. The others still get it.');

    await ada.chooses({ name: 'ours.bin', bytes: FILM });
    await mira.reads(mira.incoming('ours.bin'), COMPLETE);
    await slow.hears('incoming');
    await ada.presses('Cancel', ada.outgoing('ours.bin'));
    await ada.reads(ada.outgoing('ours.bin'), 'You cancelled it.');
    expect(await slow.hears('ended')).toMatchObject({ code: 'cancelled' });
    await mira.reads(mira.incoming('ours.bin'), COMPLETE);
  });

  it('of which one is not what was sent, and cannot be saved', async () => {
    const { url } = await ownBroadcastServer();
    const mira = await Person.enter(await profile(), url, 'Mira');
    const liar = await Guest.enter(url, 'Liar');
    const id = await liar.starts('a.bin', FILM);
    liar.say({ type: 'end', id, sha256: '0'.repeat(64) });
    const row = mira.incoming('a.bin');
    await mira.reads(row, 'This is not what Liar sent, so it cannot be saved. Ask for it again.');
    const sum = sha256(FILM);
    expect(await mira.checksums(row)).toEqual([sum, `${sum} same`, `${'0'.repeat(64)} different`]);
    expect(await row.getByRole('link').count()).toBe(0);
  });
});

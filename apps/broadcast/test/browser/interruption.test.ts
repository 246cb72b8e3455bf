import { layCable } from '@heddle/app-kit/testing/cable';
import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CHUNK_BYTES } from '../../src/shared/chunk.ts';
import { WINDOW_BYTES } from '../../src/shared/limits.ts';
import { BroadcastServer, ownBroadcastServer } from '../broadcast-server.ts';
import { Guest, sha256, someBytes } from '../guest.ts';
import { Person } from './person.ts';

const FILM = someBytes(2 * WINDOW_BYTES + 7);
const COMPLETE = /^Complete, and the same as/u;

describe.skipIf(chromiumIsMissing)('when something comes between', () => {
  const profile = useChromium();

  it('a sender who closes the page ends what is not all sent, and says so', async () => {
    const { url } = await ownBroadcastServer();
    const mira = await Person.enter(await profile(), url, 'Mira');
    const ada = await Guest.enter(url, 'Ada');
    await ada.starts('film.bin', FILM, 4 * CHUNK_BYTES);
    await mira.reads(mira.incoming('film.bin'), /^12 % received/u);
    await ada.leaves();
    const sentence = 'The sender left before all of it was sent.';
    await mira.reads(mira.incoming('film.bin'), sentence);
    expect(await mira.text('#announcer')).toContain(`film.bin: ${sentence}`);
    await expect.poll(() => mira.text('#people-count')).toBe('· only you are here');
  });

  it('a receiver whose connection breaks goes on where it was', async () => {
    const server = await ownBroadcastServer();
    const cable = await layCable(Number(server.port));
    const mira = await Person.enter(await profile(), `http://127.0.0.1:${cable.port}`, 'Mira');
    const ada = await Guest.enter(server.url, 'Ada');
    const id = await ada.starts('film.bin', FILM, 16 * CHUNK_BYTES);
    const row = mira.incoming('film.bin');
    await mira.reads(row, /^49 % received/u);
    cable.cut();
    await mira.reads(row, /^The connection was lost\. It goes on from here/u);
    await mira.isOnline();
    await mira.reads(row, /^49 % received/u);
    for (let at = 16 * CHUNK_BYTES; at < FILM.byteLength; at += CHUNK_BYTES) {
      ada.sendChunk(id, at, FILM.subarray(at, at + CHUNK_BYTES));
    }
    ada.say({ type: 'end', id, sha256: sha256(FILM) });
    await mira.reads(row, COMPLETE);
    expect(await mira.saves(row)).toEqual({ name: 'film.bin', sha256: sha256(FILM) });
    expect((await ada.hears('delivered')).receivers).toMatchObject({ total: 1, have: 1 });
    expect(await mira.page.locator('#incoming > .file').count()).toBe(1);
  });

  it('a server that dies is seen, comes back, and files can be sent again', async () => {
    const server = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), server.url, 'Ada');
    const mira = await Person.enter(await profile(), server.url, 'Mira');
    const other = await Guest.enter(server.url, 'Other');
    await other.starts('theirs.bin', FILM, 4 * CHUNK_BYTES);
    await ada.reads(ada.incoming('theirs.bin'), /^12 % received/u);
    await ada.chooses({ name: 'ours.bin', bytes: FILM });
    await mira.reads(mira.incoming('ours.bin'), COMPLETE);
    await ada.reads(ada.outgoing('ours.bin'), /^All of it is on the server/u);
    await server.stop('SIGKILL');
    await ada.isOffline();
    await ada.reads(ada.outgoing('ours.bin'), /^The connection was lost when the server had all/u);
    await ada.reads(ada.incoming('theirs.bin'), /^The connection was lost\./u);
    await ada.chooses({ name: 'later.bin', bytes: FILM });
    await ada.reads(ada.outgoing('later.bin'), 'Waits until this page is online.');
    await expect.poll(() => ada.text('#offline-text')).toMatch(/^Next try in \d+ s\.$/u);

    const again = await BroadcastServer.start({ PORT: server.port });
    onTestFinished(() => again.stop('SIGKILL').then(() => undefined));
    await Promise.all([ada.page.click('#retry'), mira.page.click('#retry')]);
    await Promise.all([ada.isOnline(), mira.isOnline()]);
    const gone = 'The server no longer has it. Ask Other to send theirs.bin again.';
    await ada.reads(ada.incoming('theirs.bin'), gone);
    await mira.reads(mira.incoming('later.bin'), COMPLETE);
    await ada.presses('Send again', ada.outgoing('ours.bin'));
    await ada.reads(ada.outgoing('ours.bin'), '1 person has it, verified.');
    expect(await mira.incoming('ours.bin').count()).toBe(2);
    expect([ada.errors, mira.errors]).toEqual([[], []]);
  });

  it('a server that is full says so, and lets the page in when somebody has gone', async () => {
    const server = await ownBroadcastServer({ MAX_PEOPLE: '1' });
    const first = await Guest.enter(server.url, 'First');
    const context = await profile();
    const page = await context.newPage();
    onTestFinished(() => context.close());
    await page.goto(server.url);
    await page.getByText('As many people are here as this server takes.').waitFor();
    await first.leaves();
    await page.click('#retry');
    await page.waitForSelector('#connection[data-status="online"]');
  });

  it('a file that is too large is refused with the limit', async () => {
    const server = await ownBroadcastServer({ MAX_FILE_BYTES: '1000000' });
    const ada = await Person.enter(await profile(), server.url, 'Ada');
    await ada.chooses({ name: 'film.bin', bytes: FILM });
    const sentence = 'It is too large: this server takes files of up to 1 MB.';
    await ada.reads(ada.outgoing('film.bin'), sentence);
    expect(await ada.text('#announcer')).toContain(`film.bin: ${sentence}`);
  });
});

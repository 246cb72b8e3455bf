import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it } from 'vitest';
import { ownChatServer } from '../chat-server.ts';
import { Person } from './person.ts';

describe.skipIf(chromiumIsMissing)('when the server is restarted', () => {
  const profile = useChromium();

  it('while two people write, nothing is lost, doubled or out of order', async () => {
    const server = await ownChatServer();
    const room = `${server.url}/r/storm`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');

    const writing = Promise.all([write(ada, 24), write(mira, 24)]);
    await sleep(900);
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    await sleep(300);
    await server.start();
    await Promise.all([ada.isOnline(), mira.isOnline()]);
    await sleep(500);
    expect(await server.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    await sleep(300);
    await server.start();
    await writing;

    for (const person of [ada, mira]) {
      await expect.poll(() => person.undelivered(), { timeout: 40_000 }).toEqual([]);
    }
    const seen = await ada.messages();
    expect(only('Ada', seen)).toEqual(numbered('Ada', 24));
    expect(only('Mira', seen)).toEqual(numbered('Mira', 24));
    await mira.reads(...seen);
    expect(stored(server.databasePath)).toEqual(seen);
    const jo = await Person.enter(await profile(), room, 'Jo');
    await jo.reads(...seen);
    expect([ada.errors, mira.errors]).toEqual([[], []]);
  }, 90_000);

  it('the page says so, says when it tries again, and keeps what is written', async () => {
    const server = await ownChatServer();
    const ada = await Person.enter(await profile(), `${server.url}/r/lobby`, 'Ada');
    await ada.say('before');
    await ada.reads('before');
    await server.stop('SIGKILL');
    await ada.isOffline();
    await expect.poll(() => ada.text('#connection')).toMatch(/Offline/u);
    expect(await ada.page.locator('#offline').isVisible()).toBe(true);
    await expect.poll(() => ada.text('#offline-text')).toMatch(/^Next try in \d+ s\.$/u);
    await ada.say('during');
    expect(await ada.undelivered()).toEqual(['during']);
    expect(await ada.text('.message.last .delivery')).toBe('Waits until you are online');
    await server.start();
    await ada.page.click('#retry');
    await ada.isOnline();
    await expect.poll(() => ada.undelivered()).toEqual([]);
    expect(await ada.page.locator('#offline').isVisible()).toBe(false);
    await ada.reads('before', 'during');
  });

  it('what was written meanwhile, and what is still being written, survives a reload', async () => {
    const server = await ownChatServer();
    const ada = await Person.enter(await profile(), `${server.url}/r/lobby`, 'Ada');
    await server.stop('SIGKILL');
    await ada.isOffline();
    await ada.say('written offline');
    await ada.page.fill('#text', 'a thought not finis');
    await server.start();
    await ada.page.reload();
    await ada.isOnline();
    await ada.reads('written offline');
    await expect.poll(() => ada.undelivered()).toEqual([]);
    expect(await ada.page.inputValue('#text')).toBe('a thought not finis');
    expect(stored(server.databasePath)).toEqual(['written offline']);
  });

  it('a newcomer who comes while it is down gets in when it is back', async () => {
    const server = await ownChatServer();
    const ada = await Person.open(await profile(), `${server.url}/r/lobby`, 'Ada');
    await server.stop('SIGKILL');
    await ada.page.fill('#door-name', 'Ada');
    await ada.page.press('#door-name', 'Enter');
    await ada.say('Is anybody there?');
    await ada.isOffline();
    await server.start();
    await ada.isOnline();
    await ada.reads('Is anybody there?');
    await expect.poll(() => ada.undelivered()).toEqual([]);
  });

  it('or only stands still, the page notices, and the message it repeats is there once', async () => {
    const server = await ownChatServer();
    const ada = await Person.enter(await profile(), `${server.url}/r/lobby`, 'Ada');
    server.signal('SIGSTOP');
    await ada.say('into the void');
    expect(await ada.undelivered()).toEqual(['into the void']);
    await ada.isOffline();
    server.signal('SIGCONT');
    await ada.isOnline();
    await expect.poll(() => ada.undelivered()).toEqual([]);
    await ada.reads('into the void');
    expect(stored(server.databasePath)).toEqual(['into the void']);
  });
});

async function write(person: Person, count: number): Promise<void> {
  for (const text of numbered(person.name, count)) {
    await person.say(text);
    await sleep(90);
  }
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);
}

function only(name: string, texts: readonly string[]): string[] {
  return texts.filter((text) => text.startsWith(`${name} `));
}

/** What is in the file, whatever any page says. */
function stored(databasePath: string): unknown[] {
  const database = new DatabaseSync(databasePath, { readOnly: true });
  const rows = database.prepare('SELECT text FROM message ORDER BY id').all();
  database.close();
  return rows.map((row) => row['text']);
}

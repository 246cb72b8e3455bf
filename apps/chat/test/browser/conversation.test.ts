import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it } from 'vitest';
import { HISTORY_PAGE } from '../../src/shared/limits.ts';
import { useChatServer } from '../chat-server.ts';
import { Person } from './person.ts';

describe.skipIf(chromiumIsMissing)('a conversation', () => {
  const server = useChatServer();
  const profile = useChromium();

  it('takes place between two people, and a third reads it when they come', async () => {
    const room = `${server().url}/r/weekend-plans`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    await ada.say('Good morning!');
    await mira.reads('Good morning!');
    await mira.say('Good morning, Ada.');
    await ada.say('Two lines:\nthis is the second.');
    const conversation = ['Good morning!', 'Good morning, Ada.', 'Two lines:\nthis is the second.'];
    await ada.reads(...conversation);
    await mira.reads(...conversation);

    const jo = await Person.enter(await profile(), room, 'Jo');
    await jo.reads(...conversation);
    expect(await jo.page.locator('.author').allTextContents()).toEqual(['Ada', 'Mira', 'Ada']);
    expect([ada.errors, mira.errors, jo.errors]).toEqual([[], [], []]);
  });

  it('shows one’s own messages as one’s own, also on the next visit', async () => {
    const room = `${server().url}/r/forge`;
    const context = await profile();
    const ada = await Person.enter(context, room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Ada');
    await ada.say('I am the first Ada.');
    await mira.say('I am the second.');
    await ada.reads('I am the first Ada.', 'I am the second.');
    await ada.page.reload();
    await ada.reads('I am the first Ada.', 'I am the second.');
    expect(await ada.page.locator('.own .text').allTextContents()).toEqual(['I am the first Ada.']);
    expect(await mira.page.locator('.own .text').allTextContents()).toEqual(['I am the second.']);
  });

  it('stays in its room', async () => {
    const { url } = server();
    const ada = await Person.enter(await profile(), `${url}/r/yonder-one`, 'Ada');
    const mira = await Person.enter(await profile(), `${url}/r/yonder-two`, 'Mira');
    await ada.say('in one');
    await ada.reads('in one');
    await mira.say('in two');
    await mira.reads('in two');
    await ada.reads('in one');
  });

  it('can be read back to its beginning, without moving what is being read', async () => {
    const count = HISTORY_PAGE + 10;
    const history = Array.from({ length: count }, (_, index) => ({
      room: 'long',
      author: 'ada',
      name: 'Ada',
      clientId: `seeded-${index}`,
      text: `Message ${index + 1}`,
      at: Date.now() - 60_000,
    }));
    server().remember(history);
    const { url } = server();
    const mira = await Person.enter(await profile(), `${url}/r/long`, 'Mira');
    await expect.poll(async () => (await mira.messages()).length).toBe(HISTORY_PAGE);
    const eleventh = mira.page.locator('.text', { hasText: /^Message 11$/u });
    await eleventh.scrollIntoViewIfNeeded();
    await mira.page.locator('#scroller').evaluate((scroller) => scroller.scrollTo(0, 0));
    const before = await eleventh.boundingBox();
    await mira.page.locator('#earlier').press('Enter');
    await mira.reads(...Array.from({ length: count }, (_, index) => `Message ${index + 1}`));
    const after = await eleventh.boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(40);
    expect(await mira.page.locator('#earlier').isVisible()).toBe(false);
  });

  it('begins at a room that one chooses, and whose address one can share', async () => {
    const { url } = server();
    const ada = await Person.open(await profile(), url, 'Ada');
    await ada.page.keyboard.type('Weekend Plans!');
    expect(await ada.text('#room-link')).toBe(`${url.replace('http://', '')}/r/weekend-plans`);
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForURL(`${url}/r/weekend-plans`);
    await ada.page.fill('#door-name', 'Ada');
    await ada.page.press('#door-name', 'Enter');
    await ada.isOnline();
    await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await ada.page.click('#copy-link');
    await expect.poll(() => ada.text('#copy-link-text')).toBe('Copied');
    expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(ada.page.url());
    await ada.page.click('.room-header .brand');
    await ada.page.click('text="weekend-plans"');
    await ada.isOnline();
    expect(ada.errors).toEqual([]);
  });

  it('has one address for a room, however somebody writes it', async () => {
    const { url } = server();
    const ada = await Person.open(await profile(), `${url}/r/K%C3%96LN%20s%C3%BCd`, 'Ada');
    expect(decodeURIComponent(ada.page.url())).toBe(`${url}/r/köln-süd`);
    expect(await ada.text('#door-room')).toBe('köln-süd');
    await ada.page.goto(`${url}/r/---`);
    expect(ada.page.url()).toBe(`${url}/`);
  });
});

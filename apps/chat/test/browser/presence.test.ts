import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it } from 'vitest';
import { useChatServer } from '../chat-server.ts';
import { Person } from './person.ts';

describe.skipIf(chromiumIsMissing)('the people in a room', () => {
  const server = useChatServer();
  const profile = useChromium();

  it('see who is here, who comes, who goes, and who takes another name', async () => {
    const room = `${server().url}/r/mill`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    expect(await ada.people()).toEqual(['Ada (you)']);
    expect(await ada.page.locator('#people-alone').isVisible()).toBe(true);
    const mira = await Person.enter(await profile(), room, 'Mira');
    await expect.poll(() => ada.people()).toEqual(['Ada (you)', 'Mira']);
    expect(await mira.people()).toEqual(['Mira (you)', 'Ada']);

    await mira.page.click('#rename');
    await mira.page.fill('#rename-name', 'Miranda');
    await mira.page.press('#rename-name', 'Enter');
    await expect.poll(() => ada.people()).toEqual(['Ada (you)', 'Miranda']);
    await mira.say('It is still me.');
    await expect.poll(() => ada.page.locator('.author').allTextContents()).toEqual(['Miranda']);
    await mira.page.close();
    await expect.poll(() => ada.people()).toEqual(['Ada (you)']);
  });

  it('are one person with two tabs', async () => {
    const room = `${server().url}/r/nook`;
    const context = await profile();
    const ada = await Person.enter(context, room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    const tab = await Person.open(context, room, 'Ada');
    await tab.isOnline();
    await tab.say('from the second tab');
    await ada.reads('from the second tab');
    expect(await ada.page.locator('.own').count()).toBe(1);
    expect(await mira.people()).toEqual(['Mira (you)', 'Ada']);
    await tab.page.close();
    await mira.say('Still there?');
    await ada.reads('from the second tab', 'Still there?');
    expect(await mira.people()).toEqual(['Mira (you)', 'Ada']);
  });

  it('see who is typing, and that they have stopped', async () => {
    const room = `${server().url}/r/oasis`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    const jo = await Person.enter(await profile(), room, 'Jo');
    await mira.page.type('#text', 'I th');
    await expect.poll(() => ada.text('#typing')).toBe('Mira is typing…');
    await jo.page.type('#text', 'We');
    await expect.poll(() => ada.text('#typing')).toBe('Mira and Jo are typing…');
    expect(await ada.people()).toEqual(['Ada (you)', 'Jo is typing', 'Mira is typing']);
    expect(await mira.text('#typing')).toBe('Jo is typing…');
    await mira.page.press('#text', 'Enter');
    await expect.poll(() => ada.text('#typing')).toBe('Jo is typing…');
    await jo.page.fill('#text', '');
    await expect.poll(() => ada.text('#typing')).toBe('');
    await jo.page.type('#text', 'and then nothing more');
    await expect.poll(() => ada.text('#typing')).toBe('Jo is typing…');
    await expect.poll(() => ada.text('#typing'), { timeout: 10_000 }).toBe('');
  });

  it('are told what they have missed while they looked elsewhere', async () => {
    const room = `${server().url}/r/pier`;
    const context = await profile();
    const ada = await Person.enter(context, room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    await mira.say('seen');
    await ada.reads('seen');
    expect(await ada.page.title()).toBe('pier · Heddle chat');

    // The test tool pretends that every page has the focus; here it must be the real one.
    const devtools = await context.newCDPSession(ada.page);
    await devtools.send('Emulation.setFocusEmulationEnabled', { enabled: false });
    await (await context.newPage()).bringToFront();
    await mira.say('missed');
    await mira.say('missed as well');
    await expect.poll(() => ada.page.title()).toBe('(2) pier · Heddle chat');
    const order = () => ada.page.locator('#timeline > li:not(.day)').allTextContents();
    expect((await order()).map((text) => text.replace(/^.*?\d\d:\d\d/u, ''))).toEqual([
      'seen',
      'New messages',
      'missed',
      'missed as well',
    ]);

    await ada.page.bringToFront();
    await expect.poll(() => ada.page.title()).toBe('pier · Heddle chat');
    expect(await ada.page.locator('.unread').count()).toBe(1);
    await ada.say('Here I am.');
    await expect.poll(() => ada.page.locator('.unread').count()).toBe(0);
  });

  it('find the line where they left when they come back another day', async () => {
    const room = `${server().url}/r/quay`;
    const context = await profile();
    const ada = await Person.enter(context, room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    await mira.say('seen');
    await ada.reads('seen');
    await ada.page.close();
    await mira.say('missed');
    await mira.reads('seen', 'missed');
    const again = await Person.open(context, room, 'Ada');
    await again.reads('seen', 'missed');
    await expect
      .poll(() => again.page.locator('.unread + .message .text').textContent())
      .toBe('missed');
  });

  it('who read further up are not moved, and see how much is new below', async () => {
    const room = `${server().url}/r/ridge`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    for (let n = 1; n <= 9; n++) await mira.say(`${n}\n\n\n\n`.concat('.'));
    await expect.poll(async () => (await ada.messages()).length).toBe(9);
    const scroller = ada.page.locator('#scroller');
    await scroller.evaluate((element) => element.scrollTo(0, 0));
    await expect.poll(() => ada.page.locator('#to-latest').isVisible()).toBe(true);
    await mira.say('down here');
    await expect.poll(() => ada.text('#to-latest-text')).toBe('1 new below');
    expect(await scroller.evaluate((element) => element.scrollTop)).toBe(0);
    expect(await ada.page.title()).toBe('(1) ridge · Heddle chat');
    await ada.page.click('#to-latest');
    await expect.poll(() => ada.page.title()).toBe('ridge · Heddle chat');
    await expect.poll(() => ada.page.locator('#to-latest').isVisible()).toBe(false);
  });
});

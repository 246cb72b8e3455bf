import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { contrasts } from '@heddle/app-kit/testing/contrast';
import { describe, expect, it } from 'vitest';
import { useChatServer } from '../chat-server.ts';
import { Person } from './person.ts';

const PHONE = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(4);

describe.skipIf(chromiumIsMissing)('the page can be used', () => {
  const server = useChatServer();
  const profile = useChromium();

  it('with the keyboard alone', async () => {
    const { url } = server();
    const ada = await Person.open(await profile(), url, 'Ada');
    const { keyboard } = ada.page;
    await keyboard.type('attic');
    await keyboard.press('Enter');
    await ada.page.waitForSelector('#door-name');
    await keyboard.press('Enter');
    expect(await ada.text('#door-error')).toMatch(/^Type a name/u);
    await keyboard.type('Ada');
    await keyboard.press('Enter');
    await ada.isOnline();
    await keyboard.type('one line');
    await keyboard.press('Shift+Enter');
    await keyboard.type('and another');
    await keyboard.press('Enter');
    await ada.reads('one line\nand another');

    expect(await tabStops(ada, 3)).toEqual(['Send', 'Change your name', 'All rooms']);
    expect(await tabStops(ada, 3)).toEqual(['Copy link', 'Messages', 'Your message']);
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await keyboard.press('ControlOrMeta+A');
    await keyboard.type('Countess');
    await keyboard.press('Enter');
    await expect.poll(() => ada.people()).toEqual(['Countess (you)']);
    expect(await focused(ada)).toBe('Change your name');
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    expect(await ada.page.locator('dialog').isVisible()).toBe(false);
    expect(ada.errors).toEqual([]);
  });

  it('without seeing it: fields have labels, new messages and errors are spoken', async () => {
    const room = `${server().url}/r/barn`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    await mira.say('Hello, Ada.');
    await ada.say('Hello, Mira.');
    await ada.reads('Hello, Ada.', 'Hello, Mira.');
    const { page } = ada;
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
    expect(await page.getByRole('log').textContent()).toBe('Mira: Hello, Ada.');
    expect(await page.getByRole('status').textContent()).toMatch(/Online/u);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('barn');
    expect(await page.getByRole('textbox', { name: 'Your message' }).isVisible()).toBe(true);
    expect(await page.getByRole('complementary', { name: 'Here now' }).isVisible()).toBe(true);
    expect(await page.getByRole('main').count()).toBe(1);
    await ada.say('x'.repeat(2_001));
    expect(await page.getByRole('alert').textContent()).toMatch(/2,001 characters/u);
    const nameless = page.locator('button:visible, a:visible, input:visible, textarea:visible');
    for (const element of await nameless.all()) {
      expect(await element.ariaSnapshot()).toMatch(/^- \w+ ".+"/u);
    }
  });

  it('does not speak the history, nor what one says oneself', async () => {
    const room = `${server().url}/r/cabin`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    await ada.say('old');
    await ada.reads('old');
    const mira = await Person.enter(await profile(), room, 'Mira');
    await mira.reads('old');
    expect(await ada.page.getByRole('log').textContent()).toBe('');
    expect(await mira.page.getByRole('log').textContent()).toBe('');
  });

  it('on a phone of 360 pixels, whatever people write', async () => {
    const { url } = server();
    const wide = await profile();
    const room = `${url}/r/${'weekend-'.repeat(6)}`.replace(/-$/u, '');
    const ada = await Person.enter(await profile(PHONE), room, LONG.slice(0, 40));
    const mira = await Person.enter(wide, room, LONG.slice(0, 39));
    await mira.say(`${LONG} https://example.org/${LONG}`);
    await ada.say(LONG);
    await expect.poll(async () => (await ada.messages()).length).toBe(2);
    expect(await overflow(ada)).toBe(0);
    await ada.page.tap('#people-toggle');
    expect(await ada.page.locator('#people').isVisible()).toBe(true);
    expect(await overflow(ada)).toBe(0);
    await ada.page.keyboard.press('Escape');
    expect(await ada.page.locator('#people').isVisible()).toBe(false);
    expect(await smallTargets(ada)).toEqual([]);
    await ada.page.goto(url);
    expect(await overflow(ada)).toBe(0);
  });

  it('on a phone while the keyboard takes half of the screen', async () => {
    const { url } = server();
    const ada = await Person.enter(await profile(PHONE), `${url}/r/dairy`, 'Ada');
    for (let n = 1; n <= 9; n++) await ada.say(`Message ${n}`);
    await ada.page.setViewportSize({ width: 360, height: 320 });
    const last = ada.page.locator('.text', { hasText: 'Message 9' });
    await expect.poll(async () => ((await last.boundingBox())?.y ?? 999) < 320).toBe(true);
    const composer = await ada.page.locator('#text').boundingBox();
    expect((composer?.y ?? 0) + (composer?.height ?? 0)).toBeLessThanOrEqual(320);
  });

  it.each(['light', 'dark'] as const)('in a %s scheme, with contrast enough', async (scheme) => {
    const { url } = server();
    const room = `${url}/r/${scheme}`;
    const mira = await Person.enter(await profile(), room, 'Mira');
    await mira.say('Hello https://example.org');
    const ada = await Person.enter(await profile({ colorScheme: scheme }), room, 'Ada');
    await ada.say('Hello https://example.org');
    await ada.reads('Hello https://example.org', 'Hello https://example.org');
    await ada.page.fill('#text', 'x'.repeat(2_001));
    await ada.page.press('#text', 'Enter');
    const measured = await contrasts(ada.page);
    expect(measured.background).toBe(scheme === 'dark' ? 'dark' : 'light');
    expect(measured.count).toBeGreaterThan(20);
    expect(measured.tooLow).toEqual([]);
    for (let hue = 0; hue < 360; hue += 5) {
      await colourAuthors(ada, hue);
      const { count, tooLow } = await contrasts(ada.page, '.other .author bdi, .avatar');
      expect(count).toBeGreaterThan(2);
      expect(tooLow, `of hue ${hue}`).toEqual([]);
    }
  });
});

/** Gives all authors this colour. */
function colourAuthors(person: Person, hue: number): Promise<void> {
  return person.page.locator('[style*="--hue"]').evaluateAll((elements: HTMLElement[], value) => {
    for (const { style } of elements) style.setProperty('--hue', value);
  }, String(hue));
}

async function tabStops(person: Person, count: number): Promise<string[]> {
  const stops: string[] = [];
  for (let stop = 0; stop < count; stop++) {
    await person.page.keyboard.press('Tab');
    // After the last stop comes the browser itself, and then the first again.
    const isOutside = (await person.page.locator(':focus').count()) === 0;
    if (isOutside) await person.page.keyboard.press('Tab');
    stops.push(await focused(person));
  }
  return stops;
}

/** The accessible name of what has the focus; it must be seen to have it. */
async function focused(person: Person): Promise<string> {
  const element = person.page.locator(':focus');
  const isRinged = await element.evaluate((focus) => {
    const ring = focus.closest('.composer-box') ?? focus;
    return getComputedStyle(ring).outlineStyle !== 'none';
  });
  expect(isRinged).toBe(true);
  const label = await element.evaluate(
    (focus) =>
      focus.getAttribute('aria-label') ??
      document.querySelector(`label[for="${focus.id}"]`)?.textContent ??
      focus.textContent,
  );
  return (label ?? '').trim();
}

function overflow(person: Person): Promise<number> {
  return person.page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const scroller = document.querySelector('#scroller') ?? document.body;
    return scrollWidth - clientWidth + (scroller.scrollWidth - scroller.clientWidth);
  });
}

/** What a finger has to hit should have 40 pixels each way. */
function smallTargets(person: Person): Promise<string[]> {
  return person.page.locator('button:visible, .brand:visible').evaluateAll((elements) =>
    elements
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 40 || height < 40;
      })
      .map((element) => element.id),
  );
}

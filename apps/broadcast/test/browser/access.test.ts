import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { contrasts } from '@heddle/app-kit/testing/contrast';
import type { FileChooser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../src/shared/chunk.ts';
import { ownBroadcastServer } from '../broadcast-server.ts';
import { Guest, someBytes } from '../guest.ts';
import { Person } from './person.ts';

const PHONE = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(4);

describe.skipIf(chromiumIsMissing)('the page can be used', () => {
  const profile = useChromium();

  it('with the keyboard alone', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Guest.enter(url, 'Mira');
    const { keyboard } = ada.page;
    // From the beginning: the browser is told with the first listener, and takes its time.
    const choosers: FileChooser[] = [];
    ada.page.on('filechooser', (chooser) => choosers.push(chooser));
    await mira.starts('theirs.bin', someBytes(3 * CHUNK_BYTES), CHUNK_BYTES);
    await ada.reads(ada.incoming('theirs.bin'), /^33 % received/u);
    expect(await tabStops(ada, 3)).toEqual([
      'Change your name: Ada',
      'Drop files, or choose them Everybody who has this page open receives them.',
      'Cancel theirs.bin',
    ]);
    // The button under the keyboard becomes another one, and the keyboard stays.
    await keyboard.press('Enter');
    await ada.reads(ada.incoming('theirs.bin'), 'You cancelled it. The others still get it.');
    await expect.poll(() => focused(ada)).toBe('Remove theirs.bin');
    await keyboard.press('Enter');
    await expect.poll(() => ada.page.locator(':focus').getAttribute('id')).toBe('choose');
    await keyboard.press('Enter');
    await expect.poll(() => choosers.map((chooser) => chooser.isMultiple())).toEqual([true]);

    await keyboard.press('Shift+Tab');
    await keyboard.press('Enter');
    await keyboard.press('ControlOrMeta+A');
    await keyboard.press('Delete');
    await keyboard.press('Enter');
    expect(await ada.text('#name-error')).toMatch(/^A name has 1 to 32 characters/u);
    await keyboard.type('Countess');
    await keyboard.press('Enter');
    await expect.poll(() => ada.people()).toEqual(['Countess (you)', 'Mira']);
    expect(await focused(ada)).toBe('Change your name: Countess');
    await ada.page.reload();
    await expect.poll(() => ada.people()).toEqual(['Countess (you)', 'Mira']);
    expect(ada.errors).toEqual([]);
  });

  it('without seeing it: everything has a name, and what happens is spoken', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Person.enter(await profile(), url, 'Mira');
    const slow = await Guest.enter(url, 'Slow');
    await ada.chooses({ name: 'photo.jpg', bytes: someBytes(3_000_000) });
    await mira.reads(mira.incoming('photo.jpg'), /^Complete/u);
    const { page } = mira;
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
    expect(await page.getByRole('log').locator('p').allTextContents()).toEqual([
      'Ada is sending photo.jpg, 3 MB.',
      'photo.jpg from Ada is here, and verified.',
    ]);
    expect(await page.getByRole('status').textContent()).toMatch(/Online/u);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Broadcast');
    for (const name of ['Send', 'For you', 'From you']) {
      expect(await page.getByRole('region', { name, exact: true }).isVisible()).toBe(true);
    }
    const name = 'How much of photo.jpg has arrived';
    expect(await ada.page.getByRole('progressbar', { name }).isVisible()).toBe(true);
    for (const person of [ada, mira]) {
      // At one moment: while files move, buttons come and go.
      const spoken = await person.page.locator('body').ariaSnapshot();
      expect(spoken).toMatch(/- button "[^"]+"/u);
      expect(spoken.split('\n').filter((line) => /- (?:button|link)(?! ")/u.test(line))).toEqual(
        [],
      );
    }
    await slow.leaves();
    await ada.reads(ada.outgoing('photo.jpg'), /verified/u);
    expect(await ada.text('#announcer')).toBe('photo.jpg: 1 person has it, verified.');
  });

  it('on a phone of 360 pixels, whatever files and people are called', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(PHONE), url, LONG.slice(0, 32));
    const mira = await Guest.enter(url, LONG.slice(0, 31));
    await mira.starts(`${LONG}.tar.gz`, someBytes(3 * CHUNK_BYTES), CHUNK_BYTES);
    await mira.sends('small.bin', someBytes(5));
    await ada.reads(ada.incoming('small.bin'), /^Complete/u);
    await ada.chooses({ name: `${LONG}.pdf`, bytes: someBytes(100) });
    await mira.hears('incoming');
    await ada.incoming('small.bin').locator('summary').tap();
    expect(await overflow(ada)).toBe(0);
    expect(await smallTargets(ada)).toEqual([]);
    await ada.page.tap('#rename');
    expect(await overflow(ada)).toBe(0);
  });

  it.each(['light', 'dark'] as const)('in a %s scheme, with contrast enough', async (scheme) => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile({ colorScheme: scheme }), url, 'Ada');
    const mira = await Guest.enter(url, 'Mira');
    await mira.sends('good.bin', someBytes(5));
    const bad = await mira.starts('bad.bin', someBytes(5));
    mira.say({ type: 'end', id: bad, sha256: '0'.repeat(64) });
    await mira.starts('active.bin', someBytes(3 * CHUNK_BYTES), CHUNK_BYTES);
    await ada.reads(ada.incoming('bad.bin'), /^This is not what Mira sent/u);
    await ada.incoming('good.bin').locator('summary').click();
    await ada.chooses({ name: 'waiting.bin', bytes: someBytes(5) });
    await ada.reads(ada.incoming('active.bin'), /^33 % received/u);
    const measured = await contrasts(ada.page);
    expect(measured.background).toBe(scheme);
    expect(measured.count).toBeGreaterThan(30);
    expect(measured.tooLow).toEqual([]);
  });
});

async function tabStops(person: Person, count: number): Promise<string[]> {
  const stops: string[] = [];
  for (let stop = 0; stop < count; stop++) {
    await person.page.keyboard.press('Tab');
    stops.push(await focused(person));
  }
  return stops;
}

/** The accessible name of what has the focus; it must be seen to have it. */
async function focused(person: Person): Promise<string> {
  const element = person.page.locator(':focus');
  expect(await element.evaluate((focus) => getComputedStyle(focus).outlineStyle)).not.toBe('none');
  const name = await element.evaluate(
    (focus) => focus.getAttribute('aria-label') ?? focus.textContent,
  );
  return (name ?? '').replace(/\s+/gu, ' ').trim();
}

function overflow(person: Person): Promise<number> {
  return person.page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}

/** What a finger has to hit should have 40 pixels each way. */
function smallTargets(person: Person): Promise<string[]> {
  return person.page.locator('button:visible, a:visible').evaluateAll((elements) =>
    elements
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 40 || height < 40;
      })
      .map((element) => element.id || element.textContent),
  );
}

import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it } from 'vitest';
import { MAX_TEXT_LENGTH } from '../../src/shared/limits.ts';
import { useChatServer } from '../chat-server.ts';
import { Person } from './person.ts';

const HOSTILE = [
  '<img src=x onerror="document.title = `owned`">',
  '<script>document.title = "owned"</script>',
  '<svg/onload=document.title="owned">',
  '"><iframe srcdoc="<script>parent.document.title=`owned`</script>">',
  'javascript:document.title="owned"',
];

describe.skipIf(chromiumIsMissing)('what people type', () => {
  const server = useChatServer();
  const profile = useChromium();

  it('stays text, in a message and in a name, however hostile it is', async () => {
    const { url } = server();
    const room = `${url}/r/glade`;
    const mira = await Person.enter(await profile(), room, 'Mira');
    const mallory = await Person.enter(await profile(), room, '<b onclick=x()>M</b>');
    for (const text of HOSTILE) await mallory.say(text);
    for (const reader of [mira, mallory, await Person.enter(await profile(), room, 'Jo')]) {
      await reader.reads(...HOSTILE);
      expect(await reader.page.title()).toMatch(/glade · Heddle chat$/u);
      const made = 'img, script:not([type="module"]), iframe, svg[onload], .message a, b';
      expect(await reader.page.locator(made).count()).toBe(0);
      expect(reader.errors).toEqual([]);
    }
    expect(await mira.text('.message.first .author')).toBe('<b onclick=x()>M</b>');
  });

  it('could not become markup even by a mistake of the page', async () => {
    const { url } = server();
    const ada = await Person.enter(await profile(), `${url}/r/hall`, 'Ada');
    const attempt = ada.page.evaluate(() => {
      document.body.innerHTML = '<p>mistake</p>';
    });
    await expect(attempt).rejects.toThrow(/TrustedHTML/u);
    const handler = ada.page.evaluate(() => {
      document.createElement('img').setAttribute('onerror', 'document.title = "owned"');
    });
    await expect(handler).rejects.toThrow(/TrustedScript/u);
  });

  it('becomes a link only if it is a web address', async () => {
    const { url } = server();
    const ada = await Person.enter(await profile(), `${url}/r/inlet`, 'Ada');
    await ada.say('see https://example.org/loom (or javascript:alert(1))');
    const links = ada.page.locator('.message a');
    await expect.poll(() => links.count()).toBe(1);
    expect(await links.getAttribute('href')).toBe('https://example.org/loom');
    expect(await links.getAttribute('rel')).toContain('noopener');
  });

  it('is refused with a sentence when it is too long, and stays to be shortened', async () => {
    const { url } = server();
    const ada = await Person.enter(await profile(), `${url}/r/jetty`, 'Ada');
    const tooLong = 'x'.repeat(MAX_TEXT_LENGTH + 1);
    await ada.say(tooLong);
    expect(await ada.text('#composer-error')).toBe(
      'This message has 2,001 characters, and 2,000 is the most. Shorten it, or send it in parts.',
    );
    expect(await ada.text('#counter')).toBe('2,001 of 2,000');
    expect(await ada.page.getAttribute('#text', 'aria-invalid')).toBe('true');
    expect(await ada.page.inputValue('#text')).toBe(tooLong);
    expect(await ada.messages()).toEqual([]);

    await ada.page.press('#text', 'Backspace');
    expect(await ada.text('#composer-error')).toBe('');
    await ada.page.press('#text', 'Enter');
    await ada.reads('x'.repeat(MAX_TEXT_LENGTH));
    await expect.poll(() => ada.undelivered()).toEqual([]);
  });

  it('that the server will not take comes back to its author, who can change it', async () => {
    const { url } = server();
    const ada = await Person.enter(await profile(), `${url}/r/knoll`, 'Ada');
    // A page of an earlier version may have had other limits: its outbox is still in this tab.
    const outbox = [{ clientId: 'from-another-time', text: 'y'.repeat(2_500), at: Date.now() }];
    await ada.page.evaluate((json) => {
      sessionStorage.setItem('heddle-chat:outbox:knoll', json);
    }, JSON.stringify(outbox));
    await ada.page.reload();
    await expect
      .poll(() => ada.page.locator('.delivery').allTextContents())
      .toEqual(['Not sent. A message has at most 2,000 characters.']);
    await ada.say('The next one goes out all the same.');
    await expect.poll(() => ada.undelivered()).toEqual(['y'.repeat(2_500)]);
    await ada.page.click('text="Edit"');
    expect(await ada.page.inputValue('#text')).toBe('y'.repeat(2_500));
    await ada.say('y');
    await ada.reads('The next one goes out all the same.', 'y');
  });

  it('too fast is said to be so, waits, and arrives in order', async () => {
    const { url } = server();
    const room = `${url}/r/lodge`;
    const ada = await Person.enter(await profile(), room, 'Ada');
    const mira = await Person.enter(await profile(), room, 'Mira');
    const texts = Array.from({ length: 20 }, (_, index) => `Line ${index + 1}`);
    await ada.page.locator('#text').evaluate((element, lines) => {
      if (!(element instanceof HTMLTextAreaElement)) return;
      for (const line of lines) {
        element.value = line;
        element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
      }
    }, texts);
    await expect.poll(() => ada.text('#composer-error')).toMatch(/^You are writing faster/u);
    expect((await ada.undelivered()).length).toBeGreaterThan(0);
    await ada.reads(...texts);
    await expect.poll(() => ada.undelivered(), { timeout: 15_000 }).toEqual([]);
    await mira.reads(...texts);
    expect(await ada.text('#composer-error')).toBe('');
  });
});

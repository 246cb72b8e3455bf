import { existsSync, writeSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, vi } from 'vitest';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** True if there is no browser to test with. Under CI that is an error, and this module throws. */
export const chromiumIsMissing = !existsSync(executablePath);

if (chromiumIsMissing) {
  const sentence = `No Chromium at ${executablePath} (set CHROMIUM_PATH)`;
  const isCi = !['', '0', 'false'].includes(process.env['CI'] ?? '');
  if (isCi) throw new Error(sentence);
  // Past the test runner, which shows what passing tests say to nobody.
  writeSync(2, `${sentence}: the browser tests are skipped.\n`);
}

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
];

/** A browser for all tests of a file; each person gets a profile of their own in it. */
export function useChromium() {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());
  return (options: BrowserContextOptions = {}) =>
    browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** Somebody with a browser, as one watches them use the broadcast. */
export class Person {
  readonly page: Page;
  /** What went wrong in their page. A lost connection is not among it: that is expected. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (message) => {
      const isExpected = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|503/u.test(message.text());
      if (message.type() === 'error' && !isExpected) this.errors.push(message.text());
    });
  }

  /** Lets somebody open the page under a name, which their browser knows from the last time. */
  static async enter(context: BrowserContext, address: string, name: string): Promise<Person> {
    onTestFinished(() => context.close());
    await context.addInitScript((known) => {
      localStorage.getItem('heddle-broadcast:name') ??
        localStorage.setItem('heddle-broadcast:name', known);
    }, name);
    const person = new Person(await context.newPage());
    await person.page.goto(address);
    await person.isOnline();
    return person;
  }

  /** Chooses files, by path or with what is in them. */
  async chooses(
    ...files: readonly (string | { readonly name: string; readonly bytes: Uint8Array })[]
  ): Promise<void> {
    const paths = files.filter((file) => typeof file === 'string');
    if (paths.length > 0) return await this.page.setInputFiles('#files', paths);
    const payloads = files.filter((file) => typeof file !== 'string');
    await this.page.setInputFiles(
      '#files',
      payloads.map(({ name, bytes }) => {
        return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
      }),
    );
  }

  /** The row of a file that comes in. */
  incoming(name: string): Locator {
    return this.row('#incoming', name);
  }

  /** The row of a file that they send. */
  outgoing(name: string): Locator {
    return this.row('#outgoing', name);
  }

  row(list: string, name: string): Locator {
    const named = this.page.locator('.file-name').getByText(name, { exact: true });
    return this.page.locator(`${list} > .file`).filter({ has: named });
  }

  /** Presses a button in the row of a file. */
  async presses(label: string, row: Locator): Promise<void> {
    await row.getByRole('button', { name: new RegExp(`^${label} `, 'u') }).click();
  }

  /** Waits until a row says this. */
  async reads(row: Locator, state: string | RegExp, timeout = 20_000): Promise<void> {
    const text = () => row.locator('.file-state').textContent();
    await expect.poll(text, { timeout, interval: 100 }).toMatch(state);
  }

  /** The checksums that a row shows, with the word after each. */
  async checksums(row: Locator): Promise<string[]> {
    const texts = await row.locator('.checksums dd').allTextContents();
    return texts.map((text) => text.trim());
  }

  /** Saves a file that is here, and returns the SHA-256 of what is then on the disk. */
  async saves(row: Locator): Promise<{ readonly name: string; readonly sha256: string }> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      row.getByRole('link', { name: /^Save /u }).click(),
    ]);
    return { name: download.suggestedFilename(), sha256: await fileSha256(await download.path()) };
  }

  text(selector: string): Promise<string | null> {
    return this.page.locator(selector).textContent();
  }

  /** Who their page says is here. */
  people(): Promise<string[]> {
    return this.page.locator('.person').allTextContents();
  }

  async isOnline(): Promise<void> {
    await this.page.waitForSelector('#connection[data-status="online"]', { timeout: 30_000 });
  }

  /** Offline, or trying not to be: the test tool may look just then. */
  async isOffline(): Promise<void> {
    await this.page.waitForSelector('#connection:not([data-status="online"])', { timeout: 30_000 });
  }
}

/** The SHA-256 of a file on the disk. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

import type { BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** Somebody with a browser, as one watches them use the chat. */
export class Person {
  readonly page: Page;
  readonly name: string;
  /** What went wrong in their page. A lost connection is not among it: that is expected. */
  readonly errors: string[] = [];

  private constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (message) => {
      const isExpected = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|503/u.test(message.text());
      if (message.type() === 'error' && !isExpected) this.errors.push(message.text());
    });
  }

  /** Lets somebody open a room's address, type their name, and come in. */
  static async enter(context: BrowserContext, address: string, name: string): Promise<Person> {
    const person = await Person.open(context, address, name);
    await person.page.fill('#door-name', name);
    await person.page.press('#door-name', 'Enter');
    await person.isOnline();
    return person;
  }

  /** Lets somebody open an address. */
  static async open(context: BrowserContext, address: string, name: string): Promise<Person> {
    onTestFinished(() => context.close());
    const person = new Person(await context.newPage(), name);
    await person.page.goto(address);
    return person;
  }

  /** Types a message and presses Enter. */
  async say(text: string): Promise<void> {
    await this.page.fill('#text', text);
    await this.page.press('#text', 'Enter');
  }

  /** What their page shows of the conversation, from top to bottom. */
  messages(): Promise<string[]> {
    return this.page.locator('.message .text').allTextContents();
  }

  /** The messages that their page shows as not yet delivered. */
  undelivered(): Promise<string[]> {
    return this.page.locator('.message:not([data-delivery="sent"]) .text').allTextContents();
  }

  /** Who their page says is here. */
  people(): Promise<string[]> {
    return this.page.locator('.person-name').allTextContents();
  }

  text(selector: string): Promise<string | null> {
    return this.page.locator(selector).textContent();
  }

  async isOnline(): Promise<void> {
    await this.page.waitForSelector('#connection[data-status="online"]', { timeout: 30_000 });
  }

  /** Offline, or trying not to be: the test tool may look just then. */
  async isOffline(): Promise<void> {
    await this.page.waitForSelector('#connection:not([data-status="online"])', { timeout: 30_000 });
  }

  /** Waits until their page shows these messages, each once, in this order. */
  async reads(...texts: string[]): Promise<void> {
    await expect.poll(() => this.messages(), { timeout: 15_000 }).toEqual(texts);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Tally } from './tally.ts';

/** What the echo of a message must be. */
interface Entry {
  readonly text: boolean;
  readonly length: number;
  readonly checksum: number;
  readonly sentAt: number;
}

/**
 * What one connection has sent and not got back. Echoes come in the order of their messages, each once, and as
 * they were sent; what is not so is a fault in the tally.
 */
export class Ledger {
  readonly #tally: Tally;
  readonly #name: string;
  readonly #due: Entry[] = [];
  #last: Entry | undefined;

  constructor(tally: Tally, name: string) {
    this.#tally = tally;
    this.#name = name;
  }

  /** `message` is about to be sent. */
  sent(message: string | Buffer): void {
    this.#due.push(entryOf(message));
    this.#tally.add('sent');
  }

  received(message: string | Buffer): void {
    const came = entryOf(message);
    const place = this.#due.findIndex((entry) => isSame(entry, came));
    if (place === -1) {
      this.#unexpected(came);
      return;
    }
    const [echoed] = this.#due.splice(0, place + 1).slice(-1);
    if (place > 0) this.#tally.fault('lost', `${this.#name}: passed over by a later echo`, place);
    this.#last = came;
    this.#tally.echoed(came.sentAt - (echoed?.sentAt ?? came.sentAt));
  }

  /** Waits until everything has come back, or the time is over. What has not come by then is lost. */
  async settle(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.#due.length > 0 && performance.now() < deadline) await sleep(20);
    this.writeOff(`no echo within ${timeoutMs} ms`);
  }

  /** Whatever has not come is lost. */
  writeOff(reason: string): void {
    const count = this.#due.length;
    if (count > 0) this.#tally.fault('lost', `${this.#name}: ${reason}`, count);
    this.#due.length = 0;
  }

  #unexpected(came: Entry): void {
    const what = `${this.#name}: ${came.length} of ${came.text ? 'text' : 'binary'}`;
    if (this.#last !== undefined && isSame(this.#last, came)) {
      this.#tally.fault('repeated', what);
    } else {
      this.#due.shift();
      this.#tally.fault('corrupted', what);
    }
  }
}

function entryOf(message: string | Buffer): Entry {
  return {
    text: typeof message === 'string',
    length: message.length,
    checksum: crc32(message),
    sentAt: performance.now(),
  };
}

function isSame(one: Entry, other: Entry): boolean {
  return one.text === other.text && one.length === other.length && one.checksum === other.checksum;
}

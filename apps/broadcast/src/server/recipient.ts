import { CHUNK_BYTES } from '../shared/chunk.ts';
import { BadMessage } from './bad-message.ts';
import { Cursor, type CursorSource } from './cursor.ts';
import type { Person } from './person.ts';

/** Both checksums of a file that is all here. */
export interface Checksums {
  readonly senderSha256: string;
  readonly serverSha256: string;
}

/** What a recipient needs of the file that it receives. */
export interface RecipientSource extends CursorSource {
  /** Known when all of it is here. */
  readonly checksums: Checksums | undefined;
  readonly onReadError: (error: unknown) => void;
}

/** One person to whom a file goes. */
export class Recipient {
  readonly person: Person;
  readonly #source: RecipientSource;
  readonly #now: () => number;
  #cursor: Cursor | undefined;
  #toldComplete = false;
  #verdict: 'same' | 'different' | undefined;
  /** Since when something has been waited for from this person. */
  #waitingSince: number;

  constructor(person: Person, source: RecipientSource, now: () => number) {
    this.person = person;
    this.#source = source;
    this.#now = now;
    this.#waitingSince = now();
  }

  /** What the person has made of all of it; `undefined` as long as they have not. */
  get verdict(): 'same' | 'different' | undefined {
    return this.#verdict;
  }

  /** How many bytes the person has taken. */
  get taken(): number {
    return this.#cursor?.taken ?? 0;
  }

  /** Starts to send, from this byte on. */
  want(from: number): void {
    if (this.#cursor !== undefined) throw new BadMessage('A file is wanted twice');
    if (from % CHUNK_BYTES !== 0 && from !== this.#source.size) {
      throw new BadMessage('A file is wanted from where no chunk begins');
    }
    if (from > this.#source.bytes) throw new BadMessage('A file is wanted from where it is not');
    this.#cursor = new Cursor(this.#source, from);
    this.#waitingSince = this.#now();
    this.person.feeder.add(this.#cursor, {
      onSent: () => this.#completeIfSent(),
      onError: this.#source.onReadError,
    });
    this.#completeIfSent();
  }

  /** There may be more to send, or all may be here. */
  wake(): void {
    // Whoever had taken everything there was has not kept the file waiting.
    if (this.#cursor !== undefined && this.#cursor.taken === this.#cursor.sent)
      this.#waitingSince = this.#now();
    this.person.feeder.wake();
    this.#completeIfSent();
  }

  acknowledge(bytes: number): void {
    if (this.#cursor?.acknowledge(bytes) !== true) {
      throw new BadMessage('An acknowledgement of what was not sent');
    }
    this.#waitingSince = this.#now();
    this.person.feeder.wake();
  }

  /** The person has all of it, with this checksum. */
  finish(sha256: string): void {
    if (!this.#toldComplete || this.#verdict !== undefined) {
      throw new BadMessage('A checksum of what was not sent');
    }
    this.#verdict = sha256 === this.#source.checksums?.serverSha256 ? 'same' : 'different';
  }

  /** Sends nothing more. */
  stop(): void {
    if (this.#cursor !== undefined) this.person.feeder.remove(this.#cursor);
  }

  /** For how many milliseconds this person has kept the file waiting. */
  get waitedMs(): number {
    const { bytes, checksums } = this.#source;
    const waitsItself = checksums === undefined && this.#cursor?.taken === bytes;
    return waitsItself || this.#verdict !== undefined ? 0 : this.#now() - this.#waitingSince;
  }

  #completeIfSent(): void {
    const { id, size, checksums } = this.#source;
    if (this.#toldComplete || checksums === undefined || this.#cursor?.sent !== size) return;
    this.#toldComplete = true;
    this.#waitingSince = this.#now();
    this.person.send({ type: 'complete', id, ...checksums });
  }
}

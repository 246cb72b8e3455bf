import type { EndCode, IncomingInfo } from '../shared/wire.ts';
import type { Arrival } from './arrival.ts';
import { BadMessage } from './bad-message.ts';
import type { Person } from './person.ts';
import type { Checksums, Recipient } from './recipient.ts';
import { Recipients } from './recipients.ts';
import { sentences } from './sentence.ts';

/** How often, at most, a sender hears how the others are doing. */
const PROGRESS_MS = 200;

/** How long a file waits for people. */
export interface Patience {
  /** How long a sender may send nothing, and a receiver take nothing, in milliseconds. */
  readonly stallMs: number;
  /** How long a file that nobody receives any more waits for somebody to come back, in milliseconds. */
  readonly lingerMs: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** What a transfer is made of. */
export interface TransferOptions extends Patience {
  readonly id: number;
  /** As it is shown and saved. */
  readonly name: string;
  readonly sender: Person;
  readonly arrival: Arrival;
  /** It is over, and its bytes are no longer on the disk. */
  readonly onOver: () => void;
  /** Hears why it could not be kept. */
  readonly onSpoolError: (error: unknown) => void;
}

/**
 * One file on its way from one person to all others: first onto this server's disk, and from there,
 * meanwhile, to each receiver at the receiver's own speed. It is over when all of it is here and
 * nobody is left who has not all of it; or when it will never be all here.
 */
export class Transfer {
  readonly #options: TransferOptions;
  readonly #recipients: Recipients;
  #checksums: Checksums | undefined;
  #over = false;
  #arrivedAt: number;
  #lingersUntil = 0;
  #progressTimer: NodeJS.Timeout | undefined;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#arrivedAt = options.now();
    this.#recipients = new Recipients(this.#source(), options.now);
  }

  get size(): number {
    return this.#options.arrival.size;
  }

  /** Whether this person is still sending it. */
  isSentBy(person: Person): boolean {
    return !this.#over && this.#checksums === undefined && this.#options.sender === person;
  }

  /** Counts on somebody to receive it, who must be told this. */
  invite(person: Person): IncomingInfo {
    const { id, name, sender } = this.#options;
    this.#recipients.add(person);
    this.#report();
    return { type: 'incoming', id, from: sender.name, name, size: this.size };
  }

  /** The next chunk comes from its sender. One call at a time. */
  async append(person: Person, offset: number, bytes: Uint8Array): Promise<void> {
    const { id, arrival, now } = this.#options;
    if (this.#over) return;
    if (!this.isSentBy(person)) throw new BadMessage('A chunk of a file that is not being sent');
    try {
      await arrival.append(offset, bytes);
    } catch (error) {
      if (error instanceof BadMessage) throw error;
      return this.#failBy(error);
    }
    if (this.#over) return;
    this.#arrivedAt = now();
    person.send({ type: 'taken', id, bytes: arrival.bytes });
    this.#recipients.wake();
    this.#report();
  }

  /** All has been sent. */
  end(person: Person, senderSha256: string): void {
    if (this.#over) return;
    if (!this.isSentBy(person)) throw new BadMessage('The end of a file that is not being sent');
    const serverSha256 = this.#options.arrival.finish();
    this.#checksums = { senderSha256, serverSha256 };
    person.send({ type: 'stored', id: this.#options.id, sha256: serverSha256 });
    this.#recipients.wake();
    this.#settle();
  }

  want(person: Person, from: number): void {
    this.#recipientFor(person)?.want(from);
    // Whoever has a part of it already is who it waited for.
    if (from > 0) this.#lingersUntil = 0;
  }

  acknowledge(person: Person, bytes: number): void {
    this.#recipientFor(person)?.acknowledge(bytes);
    this.#report();
  }

  /** A receiver has all of it. */
  finish(person: Person, sha256: string): void {
    this.#recipientFor(person)?.finish(sha256);
    this.#report();
    this.#settle();
  }

  /** The sender cancels it for all, a receiver for itself. */
  cancel(person: Person): void {
    if (person === this.#options.sender) this.#fail('cancelled');
    this.#recipients.remove(person);
    this.#report();
    this.#settle();
  }

  /** A connection has ended; `lost` if that was nobody's doing. */
  leave(person: Person, lost: boolean): void {
    if (this.isSentBy(person)) this.#fail('sender_left');
    const isUnfinished = this.#recipients.remove(person);
    // It may be back in a moment, and then it goes on where it was.
    if (isUnfinished && lost) {
      this.#lingersUntil = this.#options.now() + this.#options.lingerMs;
    }
    this.#report();
    this.#settle();
  }

  /** Gives up on whoever has kept it waiting for too long. Call it now and then. */
  sweep(): void {
    const { stallMs, now } = this.#options;
    const arriving = this.#checksums === undefined;
    if (arriving && now() - this.#arrivedAt > stallMs) this.#fail('sender_stalled');
    if (this.#over) return;
    for (const { person, waitedMs } of this.#recipients.unfinished) {
      if (waitedMs <= stallMs) continue;
      this.#recipients.remove(person);
      this.#tellEnd(person, 'you_stalled');
      this.#report();
    }
    this.#settle();
  }

  /** Ends it without a word: the server is going. Resolves when its bytes are given back. */
  async close(): Promise<void> {
    if (!this.#over) await this.#release();
  }

  /** It is over if it is all here and nobody needs it, or if nobody wants what is to come. */
  #settle(): void {
    const { id, sender, now } = this.#options;
    if (this.#over || this.#recipients.unfinished.length > 0 || now() < this.#lingersUntil) return;
    if (this.#checksums === undefined) {
      this.#fail('nobody_left');
      return;
    }
    sender.send({ type: 'delivered', id, receivers: this.#recipients.summary() });
    void this.#release();
  }

  #fail(code: EndCode): void {
    if (this.#over) return;
    const { sender } = this.#options;
    this.#tellEnd(sender, code);
    for (const { person } of this.#recipients.unfinished) this.#tellEnd(person, code);
    void this.#release();
  }

  #failBy(spoolError: unknown): void {
    if (this.#over) return;
    this.#options.onSpoolError(spoolError);
    this.#fail('spool_failed');
  }

  #tellEnd(person: Person, code: EndCode): void {
    person.send({ type: 'ended', id: this.#options.id, code, message: sentences[code] });
  }

  async #release(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#progressTimer);
    for (const recipient of this.#recipients.unfinished) recipient.stop();
    // A disk that fails even at this keeps nothing of ours that we could still give back.
    await this.#options.arrival.close().catch(() => undefined);
    this.#options.onOver();
  }

  /** `undefined` for somebody who has cancelled, or was given up on, and does not know it yet. */
  #recipientFor(person: Person): Recipient | undefined {
    if (person === this.#options.sender) throw new BadMessage('A sender receives its own file');
    return this.#over ? undefined : this.#recipients.get(person);
  }

  #report(): void {
    if (this.#over) return;
    const { id, sender } = this.#options;
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = undefined;
      sender.send({ type: 'progress', id, receivers: this.#recipients.summary() });
    }, PROGRESS_MS).unref();
  }

  #source() {
    const { id, arrival } = this.#options;
    const checksums = () => this.#checksums;
    return {
      id,
      size: arrival.size,
      get bytes() {
        return arrival.bytes;
      },
      get checksums() {
        return checksums();
      },
      read: (target: Uint8Array, position: number) => arrival.read(target, position),
      onReadError: (error: unknown) => this.#failBy(error),
    };
  }
}

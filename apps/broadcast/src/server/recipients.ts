import type { Receivers } from '../shared/wire.ts';
import type { Person } from './person.ts';
import { Recipient, type RecipientSource } from './recipient.ts';

/** Everybody to whom a file goes. */
export class Recipients {
  readonly #source: RecipientSource;
  readonly #now: () => number;
  readonly #all = new Map<Person, Recipient>();
  /** Those who had all of it when they left. */
  readonly #gone = { same: 0, different: 0 };

  constructor(source: RecipientSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  add(person: Person): void {
    this.#all.set(person, new Recipient(person, this.#source, this.#now));
  }

  get(person: Person): Recipient | undefined {
    return this.#all.get(person);
  }

  /** Lets a person go. Returns whether it has not had all of it. */
  remove(person: Person): boolean {
    const recipient = this.#all.get(person);
    if (recipient === undefined) return false;
    recipient.stop();
    this.#all.delete(person);
    if (recipient.verdict !== undefined) this.#gone[recipient.verdict] += 1;
    return recipient.verdict === undefined;
  }

  /** There may be more to send, or all may be here. */
  wake(): void {
    for (const recipient of this.#all.values()) recipient.wake();
  }

  /** Those who have not all of it. */
  get unfinished(): Recipient[] {
    return [...this.#all.values()].filter(({ verdict }) => verdict === undefined);
  }

  summary(): Receivers {
    const count = { ...this.#gone };
    let slowestBytes = this.#source.size;
    for (const { verdict, taken } of this.#all.values()) {
      if (verdict !== undefined) count[verdict] += 1;
      else slowestBytes = Math.min(slowestBytes, taken);
    }
    const total = this.#all.size + this.#gone.same + this.#gone.different;
    return { total, have: count.same, different: count.different, slowestBytes };
  }
}

import type { Message } from '../shared/wire.ts';
import type { KeptText } from './browser-storage.ts';

/**
 * What somebody has not seen: how much (for the title), and where it begins (for the line). The
 * count ends when they look; the line stays until they answer or miss something again.
 */
export class Unread {
  readonly #storage: KeptText;
  #count = 0;
  #firstId: number | undefined;

  constructor(storage: KeptText) {
    this.#storage = storage;
  }

  /** How many messages nobody has looked at. */
  get count(): number {
    return this.#count;
  }

  /** The first message that was not seen when it came; `undefined` if there is no line to draw. */
  get firstId(): number | undefined {
    return this.#firstId;
  }

  /** The history of an earlier visit has come: what of it is above the last id seen is unread. */
  resume(messages: readonly Message[]): void {
    const seenId = Number(this.#storage.read());
    if (seenId > 0) this.arrive(messages.filter(({ id }) => id > seenId));
  }

  /** Messages of others have come while nobody looked. */
  arrive(messages: readonly Message[]): void {
    if (this.#count === 0) this.#firstId = messages[0]?.id ?? this.#firstId;
    this.#count += messages.length;
  }

  /** Somebody has seen everything, up to this id. */
  see(newestId: number): void {
    this.#count = 0;
    this.#storage.write(String(newestId));
  }

  /** They have answered: the line has done its work. */
  answer(): void {
    this.#firstId = undefined;
  }
}

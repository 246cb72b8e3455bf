import type { Message } from '../shared/wire.ts';

/** The part of a room's history that the page has: without gaps, by ascending id. */
export class Timeline {
  #messages: readonly Message[] = [];
  #hasEarlier = false;

  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** True if the room has messages before the first of these. */
  get hasEarlier(): boolean {
    return this.#hasEarlier;
  }

  /** The first message's id; `undefined` without messages. */
  get oldestId(): number | undefined {
    return this.#messages[0]?.id;
  }

  /** The last message's id; `undefined` without messages. */
  get newestId(): number | undefined {
    return this.#messages.at(-1)?.id;
  }

  /** Forgets everything and begins with these. */
  startOver(messages: readonly Message[], more: boolean): void {
    this.#messages = messages;
    this.#hasEarlier = more;
  }

  /** Adds what comes after the last message, and returns what of it is new. */
  append(messages: readonly Message[]): readonly Message[] {
    // What is not above the last id is a repetition, or lies before what the page has: both are
    // answers to a `say` that had arrived on an earlier connection.
    const newestId = this.newestId ?? -1;
    const added = messages.filter(({ id }) => id > newestId);
    if (added.length > 0) this.#messages = [...this.#messages, ...added];
    return added;
  }

  /** Adds what comes before the first message; `more` if there is still more before that. */
  prepend(messages: readonly Message[], more: boolean): void {
    const oldestId = this.oldestId ?? Number.POSITIVE_INFINITY;
    this.#messages = [...messages.filter(({ id }) => id < oldestId), ...this.#messages];
    this.#hasEarlier = more;
  }
}

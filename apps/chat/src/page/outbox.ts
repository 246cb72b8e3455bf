import type { KeptText } from './browser-storage.ts';
import { randomId } from './random-id.ts';

/** A message that the server has not acknowledged. */
export interface Unsent {
  readonly clientId: string;
  readonly text: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  /** Why the server will not take it; absent while it may still be sent. */
  readonly refused?: string;
}

/**
 * What was written and not yet acknowledged, in order. It survives a reload of the page, in
 * `storage`: the ids stay the same, so the server knows a repetition when it sees one.
 */
export class Outbox {
  readonly #storage: KeptText;
  #items: readonly Unsent[];

  constructor(storage: KeptText) {
    this.#storage = storage;
    this.#items = parseItems(storage.read());
  }

  /** All of it, oldest first. */
  get items(): readonly Unsent[] {
    return this.#items;
  }

  /** The message whose turn it is. */
  get next(): Unsent | undefined {
    return this.#items.find(({ refused }) => refused === undefined);
  }

  /** Puts a message at the end. */
  add(text: string, at: number): Unsent {
    const item = { clientId: randomId(), text, at };
    this.#keep([...this.#items, item]);
    return item;
  }

  /** Takes a message out: it is acknowledged, or its author has taken it back. False if it is not here. */
  remove(clientId: string): boolean {
    const left = this.#items.filter((item) => item.clientId !== clientId);
    if (left.length === this.#items.length) return false;
    this.#keep(left);
    return true;
  }

  /** Notes that the server will not take a message. It stays here, for its author to decide. */
  refuse(clientId: string, reason: string): void {
    this.#keep(
      this.#items.map((item) => (item.clientId === clientId ? { ...item, refused: reason } : item)),
    );
  }

  #keep(items: readonly Unsent[]): void {
    this.#items = items;
    this.#storage.write(items.length === 0 ? undefined : JSON.stringify(items));
  }
}

function parseItems(json: string | undefined): readonly Unsent[] {
  if (json === undefined) return [];
  try {
    const items: unknown = JSON.parse(json);
    return Array.isArray(items) ? items.filter(isUnsent) : [];
  } catch {
    return [];
  }
}

function isUnsent(item: unknown): item is Unsent {
  if (typeof item !== 'object' || item === null) return false;
  const { clientId, text, at } = item as Record<keyof Unsent, unknown>;
  return typeof clientId === 'string' && typeof text === 'string' && typeof at === 'number';
}

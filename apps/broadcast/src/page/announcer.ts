import { byId, create } from '@heddle/app-kit/page/element';

/** How many announcements stay: enough for a screen reader to get to them. */
const KEPT = 20;

/**
 * Says what happens to whoever listens instead of looking. The lists themselves are no live regions:
 * they change many times a second.
 */
export class Announcer {
  readonly #element = byId('announcer', HTMLElement);

  announce(sentence: string): void {
    this.#element.append(create('p', {}, sentence));
    while (this.#element.childElementCount > KEPT) this.#element.firstElementChild?.remove();
  }
}

import { byId, create } from '@heddle/app-kit/page/element';
import type { Message } from '../shared/wire.ts';

/** How many announcements stay: enough for a screen reader to get to them. */
const KEPT = 20;

/**
 * Says new messages aloud to whoever listens instead of looking. The timeline itself is no live
 * region: it also changes where nobody has said anything new.
 */
export class Announcer {
  readonly #element = byId('announcer', HTMLElement);

  announce(messages: readonly Message[]): void {
    for (const { name, text } of messages.slice(-KEPT)) {
      this.#element.append(create('p', {}, `${name}: ${text}`));
    }
    while (this.#element.childElementCount > KEPT) this.#element.firstElementChild?.remove();
  }
}

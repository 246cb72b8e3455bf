import { byId, create } from '@heddle/app-kit/page/element';
import type { Session } from './session.ts';

/** Shows who is here, oneself first. */
export class PeopleView {
  readonly #list = byId('people', HTMLElement);
  readonly #count = byId('people-count', HTMLElement);
  readonly #alone = byId('alone', HTMLElement);
  #shown = '';

  update({ people, you, line }: Session): void {
    const online = line.state.status === 'online';
    const contents = JSON.stringify([people, you, online]);
    if (this.#shown === contents) return;
    this.#shown = contents;
    const own = people.filter(({ id }) => id === you);
    const others = people.filter(({ id }) => id !== you);
    this.#list.replaceChildren(
      ...own.map(({ name }) => describe(name, ' (you)')),
      ...others.map(({ name }) => describe(name, '')),
    );
    this.#list.classList.toggle('stale', !online);
    this.#count.textContent = countText(people.length, online);
    this.#alone.hidden = !online || others.length > 0;
  }
}

function describe(name: string, suffix: string): HTMLElement {
  const label = create('span', {}, create('bdi', {}, name));
  if (suffix !== '') label.append(create('span', { class: 'note' }, suffix));
  return create('li', { class: 'person' }, create('span', { class: 'dot' }), label);
}

function countText(count: number, online: boolean): string {
  if (!online) return '';
  return count === 1 ? '· only you are here' : `· ${count} people are here`;
}

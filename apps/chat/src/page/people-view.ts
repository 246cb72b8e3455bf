import { byId, create } from '@heddle/app-kit/page/element';
import type { Person } from '../shared/wire.ts';
import type { ChatSession } from './chat-session.ts';
import { KeyedList } from './keyed-list.ts';
import { renderAvatar } from './message-view.ts';

interface Entry extends Person {
  readonly key: string;
  readonly you: boolean;
  readonly typing: boolean;
}

/** Who is here, and who is typing. */
export class PeopleView {
  readonly #session: ChatSession;
  readonly #list = new KeyedList(byId('people-list', HTMLElement), renderPerson);
  readonly #panel = byId('people', HTMLElement);
  readonly #title = byId('people-title', HTMLElement);
  readonly #toggle = byId('people-toggle', HTMLButtonElement);
  readonly #count = byId('people-count', HTMLElement);
  readonly #alone = byId('people-alone', HTMLElement);
  readonly #typing = byId('typing', HTMLElement);

  constructor(session: ChatSession) {
    this.#session = session;
    this.#toggle.addEventListener('click', () => this.#show(!this.#shown));
    document.addEventListener('keydown', (event) => this.#press(event));
    document.addEventListener('click', (event) => this.#click(event));
  }

  /** Shows what the session knows now. */
  update(): void {
    const { people, typing, you, connection } = this.#session;
    const online = connection.state.status === 'online';
    this.#panel.classList.toggle('stale', !online);
    this.#title.textContent = online ? 'Here now' : 'Last seen here';
    const authors = new Set(typing.map(({ author }) => author));
    this.#list.update(
      [...people]
        .sort(
          (one, other) => rank(one, you) - rank(other, you) || byName.compare(one.name, other.name),
        )
        .map((person) => ({
          ...person,
          key: person.author,
          you: person.author === you,
          typing: authors.has(person.author),
        })),
    );
    this.#count.textContent = String(people.length);
    this.#alone.hidden = people.length !== 1;
    this.#typing.textContent = typingText(typing.map(({ name }) => name));
  }

  /** On a narrow screen the list is a panel that opens over the messages. */
  get #shown(): boolean {
    return this.#toggle.getAttribute('aria-expanded') === 'true';
  }

  #press(event: KeyboardEvent): void {
    const isForDialog = document.querySelector('dialog[open]') !== null;
    if (event.key !== 'Escape' || !this.#shown || isForDialog) return;
    this.#show(false);
    this.#toggle.focus();
  }

  #click({ target }: MouseEvent): void {
    const isOutside =
      target instanceof Element && target.closest('#people, #people-toggle, dialog') === null;
    if (isOutside && this.#shown) this.#show(false);
  }

  #show(shown: boolean): void {
    this.#toggle.setAttribute('aria-expanded', String(shown));
    this.#panel.classList.toggle('shown', shown);
    if (shown) byId('rename', HTMLButtonElement).focus();
  }
}

const byName = new Intl.Collator();

/** You come first. */
function rank({ author }: Person, you: string | undefined): number {
  return author === you ? 0 : 1;
}

function renderPerson({ author, name, you, typing }: Entry): HTMLElement {
  const label = create('span', { class: 'person-name' }, create('bdi', {}, name));
  if (you) label.append(create('span', { class: 'note' }, ' (you)'));
  if (typing) label.append(create('span', { class: 'note' }, ' is typing'));
  return create('li', { class: 'person' }, renderAvatar(author, name), label);
}

function typingText(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return '';
  if (second === undefined) return `${first} is typing…`;
  if (names.length === 2) return `${first} and ${second} are typing…`;
  return 'Several people are typing…';
}

import { create } from '@heddle/app-kit/page/element';
import { type IconName, icon } from './icon.ts';

/** One of the checksums of a file, and whose. */
export interface ChecksumLine {
  readonly whose: string;
  /** Of several who say the same of it there is only the word. */
  readonly sha256?: string;
  /** How it compares. @default nothing to compare it with */
  readonly word?: 'same' | 'different';
}

/** Something that one can do with a file. */
export interface Action {
  /** The word on the button; one of each in a row. */
  readonly label: 'Save' | 'Cancel' | 'Send again' | 'Remove';
  readonly run: () => void;
  /** For a link that saves: where from. */
  readonly url?: string | undefined;
}

/** What a row says about a file. */
export interface RowContent {
  readonly name: string;
  /** What stands beside the name: the size. */
  readonly size: string;
  /** Where it comes from, or goes to. */
  readonly note: string;
  /** Shown as an icon and as a colour; `state` says it in words. */
  readonly tone: 'active' | 'waiting' | 'good' | 'bad' | 'over';
  readonly icon: IconName;
  readonly state: string;
  /** From 0 to 1; `undefined` if there is none to show. */
  readonly progress: number | undefined;
  readonly checksums: readonly ChecksumLine[];
  readonly actions: readonly Action[];
}

/**
 * A file in a list. It is changed in place, and only where it is different: it changes many times a
 * second, while somebody has the keyboard on its button or reads its checksum.
 */
export class FileRow {
  readonly element: HTMLElement;
  readonly #icon = create('span', { class: 'file-icon' });
  readonly #name = create('bdi', { class: 'file-name' });
  readonly #size = create('span', { class: 'file-size' });
  readonly #note = create('p', { class: 'file-note' });
  readonly #progress = create('progress', { max: '1' });
  readonly #state = create('p', { class: 'file-state' });
  readonly #checksums = create('details', { class: 'checksums' });
  readonly #buttons = create('div', { class: 'file-buttons' });
  #shownIcon = '';
  #shownChecksums = '';
  #shownActions = '';
  #actions: readonly Action[] = [];

  constructor() {
    const head = create('p', { class: 'file-head' }, this.#name, this.#size);
    const text = create('div', { class: 'file-text' }, head, this.#note);
    const body = [this.#progress, this.#state, this.#checksums];
    this.element = create('li', { class: 'file' }, this.#icon, text, this.#buttons, ...body);
  }

  update(content: RowContent): void {
    this.element.dataset['tone'] = content.tone;
    setText(this.#name, content.name);
    setText(this.#size, content.size);
    setText(this.#note, content.note);
    setText(this.#state, content.state);
    this.#progress.hidden = content.progress === undefined;
    this.#progress.value = content.progress ?? 0;
    this.#progress.setAttribute('aria-label', `How much of ${content.name} has arrived`);
    if (this.#shownIcon !== content.icon) this.#icon.replaceChildren(icon(content.icon));
    this.#shownIcon = content.icon;
    this.#showChecksums(content.checksums);
    this.#showActions(content);
  }

  #showChecksums(lines: readonly ChecksumLine[]): void {
    const contents = JSON.stringify(lines);
    if (this.#shownChecksums === contents) return;
    this.#shownChecksums = contents;
    this.#checksums.hidden = lines.length === 0;
    const isDifferent = lines.some(({ word }) => word === 'different');
    const short = lines[0]?.sha256?.slice(0, 8) ?? '';
    const summary = isDifferent ? 'SHA-256: different' : `SHA-256 ${short}…, the same for all`;
    this.#checksums.open = isDifferent;
    this.#checksums.replaceChildren(
      create('summary', {}, summary),
      create('dl', {}, ...lines.flatMap(describeChecksum)),
    );
  }

  #showActions({ name, actions }: RowContent): void {
    this.#actions = actions;
    const contents = JSON.stringify([name, actions.map(({ label, url }) => [label, url])]);
    if (this.#shownActions === contents) return;
    this.#shownActions = contents;
    const hadFocus = this.#buttons.contains(document.activeElement);
    this.#buttons.replaceChildren(...actions.map((action) => this.#button(name, action)));
    // What was pressed has become something else: the keyboard stays in the row.
    const first = this.#buttons.firstElementChild;
    if (hadFocus && first instanceof HTMLElement) first.focus();
  }

  #button(name: string, { label, url }: Action): HTMLElement {
    const labels = { 'aria-label': `${label} ${name}` };
    if (url !== undefined) {
      return create('a', { ...labels, class: 'button primary', href: url, download: name }, label);
    }
    const button = create('button', { ...labels, class: 'quiet', type: 'button' }, label);
    button.addEventListener('click', () => this.#actions.find((is) => is.label === label)?.run());
    return button;
  }
}

function describeChecksum({ whose, sha256, word }: ChecksumLine): HTMLElement[] {
  const value = create('dd', {});
  if (sha256 !== undefined) value.append(create('code', {}, sha256), ' ');
  if (word !== undefined) value.append(create('strong', { class: word }, word));
  return [create('dt', {}, whose), value];
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

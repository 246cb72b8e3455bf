import { byId } from '@heddle/app-kit/page/element';
import { toDisplayName } from '../shared/display-name.ts';
import { MAX_NAME_LENGTH } from '../shared/limits.ts';
import { rememberName } from './own-name.ts';
import type { Session } from './session.ts';

/** Lets somebody change the name under which the others see them. */
export class NameDialog {
  readonly #session: Session;
  readonly #dialog = byId('name-dialog', HTMLDialogElement);
  readonly #input = byId('name', HTMLInputElement);
  readonly #error = byId('name-error', HTMLElement);
  readonly #shown = byId('own-name', HTMLElement);

  constructor(session: Session) {
    this.#session = session;
    byId('rename', HTMLButtonElement).addEventListener('click', () => this.#open());
    byId('name-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    this.#input.addEventListener('input', () => this.#complain(''));
    byId('name-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Shows the name of now. */
  update(): void {
    const { name } = this.#session;
    if (this.#shown.textContent !== name) this.#shown.textContent = name;
  }

  #open(): void {
    this.#complain('');
    this.#input.value = this.#session.name;
    this.#dialog.showModal();
    this.#input.select();
  }

  #submit(): void {
    const name = toDisplayName(this.#input.value);
    if (name === undefined) {
      this.#complain(`A name has 1 to ${MAX_NAME_LENGTH} characters that can be seen.`);
      this.#input.focus();
      return;
    }
    rememberName(name);
    this.#session.rename(name);
    this.#dialog.close();
  }

  #complain(sentence: string): void {
    this.#error.textContent = sentence;
    this.#input.setAttribute('aria-invalid', String(sentence !== ''));
  }
}

import { byId } from '@heddle/app-kit/page/element';
import { toDisplayName } from '../shared/display-name.ts';
import { MAX_NAME_LENGTH } from '../shared/limits.ts';
import { lastName, rememberName } from './identity.ts';

/** The ids of the elements of a form that asks for a name. */
export interface NameFormIds {
  readonly form: string;
  readonly input: string;
  readonly error: string;
}

/** A form that asks for a name until it gets one, remembers it, and passes it on. */
export class NameForm {
  readonly #input: HTMLInputElement;
  readonly #error: HTMLElement;

  constructor(ids: NameFormIds, onName: (name: string) => void) {
    this.#input = byId(ids.input, HTMLInputElement);
    this.#error = byId(ids.error, HTMLElement);
    byId(ids.form, HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const name = toDisplayName(this.#input.value);
      this.#complain(name === undefined ? complaint(this.#input.value) : '');
      if (name === undefined) return this.#input.focus();
      rememberName(name);
      onName(name);
    });
    this.#input.addEventListener('input', () => this.#complain(''));
  }

  /** Offers the name that was used last, ready to be typed over. */
  begin(): void {
    this.#input.value = lastName() ?? '';
    this.#complain('');
    this.#input.focus();
    this.#input.select();
  }

  #complain(sentence: string): void {
    this.#error.textContent = sentence;
    this.#input.setAttribute('aria-invalid', String(sentence !== ''));
  }
}

function complaint(typed: string): string {
  if (typed.trim() === '') return 'Type a name, so that the others know who is speaking.';
  return `A name has at most ${MAX_NAME_LENGTH} characters, and some that can be seen.`;
}

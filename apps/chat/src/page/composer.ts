import { byId } from '@heddle/app-kit/page/element';
import { countCharacters, MAX_TEXT_LENGTH } from '../shared/limits.ts';
import { toMessageText } from '../shared/message-text.ts';
import type { KeptText } from './browser-storage.ts';

/** From here on the number of characters is shown. */
const NEARLY_TOO_LONG = MAX_TEXT_LENGTH * 0.9;

/** Who stops writing for this long is no longer typing. */
const TYPING_MS = 5_000;

/** What the composer does with the outside. */
export interface ComposerOptions {
  readonly onSay: (text: string) => void;
  readonly onTyping: (typing: boolean) => void;
  /** Keeps what is being written over a reload. */
  readonly draft: KeptText;
}

/** Where one writes. Text leaves it only when it is said. */
export class Composer {
  readonly #options: ComposerOptions;
  readonly #text = byId('text', HTMLTextAreaElement);
  readonly #error = byId('composer-error', HTMLElement);
  readonly #counter = byId('counter', HTMLElement);
  /** Two things can be wrong at once; the one that its author can do something about is shown. */
  #lengthError = '';
  #notice = '';
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#text.value = options.draft.read() ?? '';
    this.#text.addEventListener('input', () => this.#change());
    this.#text.addEventListener('keydown', (event) => this.#press(event));
    byId('composer', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#measure();
  }

  focus(): void {
    this.#text.focus();
  }

  /** Says, below what one writes, what the room has to say about it; `''` takes it back. */
  notify(sentence: string): void {
    this.#notice = sentence;
    this.#showErrors();
  }

  /** Puts a text back to write on, above what is being written. */
  takeBack(text: string): void {
    const current = this.#text.value;
    this.#text.value = current === '' ? text : `${text}\n${current}`;
    this.#change();
    this.#text.focus();
  }

  #press(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a character.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#say();
  }

  #say(): void {
    const text = toMessageText(this.#text.value);
    if (text === '') return;
    if (countCharacters(text) > MAX_TEXT_LENGTH) {
      this.#lengthError = tooLong(countCharacters(text));
      this.#showErrors();
      return;
    }
    this.#text.value = '';
    this.#options.onSay(text);
    this.#change();
    // Whoever has touched the button wants to write on: the keyboard stays.
    this.#text.focus();
  }

  #change(): void {
    this.#options.draft.write(this.#text.value === '' ? undefined : this.#text.value);
    this.#measure();
    this.#noteTyping(this.#text.value !== '');
  }

  #measure(): void {
    const count = countCharacters(toMessageText(this.#text.value));
    const tooMuch = count > MAX_TEXT_LENGTH;
    this.#counter.textContent =
      count < NEARLY_TOO_LONG ? '' : `${number(count)} of ${number(MAX_TEXT_LENGTH)}`;
    this.#counter.classList.toggle('too-much', tooMuch);
    this.#text.setAttribute('aria-invalid', String(tooMuch));
    if (!tooMuch) this.#lengthError = '';
    this.#showErrors();
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #showErrors(): void {
    const sentence = this.#lengthError || this.#notice;
    // It is read aloud whenever it is set.
    if (this.#error.textContent !== sentence) this.#error.textContent = sentence;
  }

  #noteTyping(typing: boolean): void {
    const wasTyping = this.#typingTimer !== undefined;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = typing ? setTimeout(() => this.#noteTyping(false), TYPING_MS) : undefined;
    if (typing !== wasTyping) this.#options.onTyping(typing);
  }
}

function tooLong(count: number): string {
  return `This message has ${number(count)} characters, and ${number(MAX_TEXT_LENGTH)} is the most. Shorten it, or send it in parts.`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

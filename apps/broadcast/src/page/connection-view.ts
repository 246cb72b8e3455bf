import { byId } from '@heddle/app-kit/page/element';
import type { LineState, ServerLine } from './server-line.ts';

const TEXTS = { connecting: 'Connecting…', online: 'Online', offline: 'Offline' } as const;

/** Says how the connection is; while it is gone, why, and when the next try begins. */
export class ConnectionView {
  readonly #status = byId('connection', HTMLElement);
  readonly #text = byId('connection-text', HTMLElement);
  readonly #banner = byId('offline', HTMLElement);
  readonly #reason = byId('offline-reason', HTMLElement);
  readonly #bannerText = byId('offline-text', HTMLElement);
  readonly #retry = byId('retry', HTMLButtonElement);
  #countdown: ReturnType<typeof setInterval> | undefined;

  constructor(line: ServerLine) {
    this.#retry.addEventListener('click', () => line.connect());
  }

  /** Shows a state; `goodbye` is what the server said when it hung up. */
  update(state: LineState, goodbye: string): void {
    this.#status.dataset['status'] = state.status;
    // A live region: only what is different is set, so that only that is read aloud.
    setText(this.#text, TEXTS[state.status]);
    clearInterval(this.#countdown);
    if (state.status === 'online') this.#banner.hidden = true;
    if (state.status === 'connecting') setText(this.#bannerText, 'Trying to reach the server…');
    if (state.status === 'offline') {
      this.#banner.hidden = false;
      setText(this.#reason, goodbye === '' ? 'Offline.' : goodbye);
      this.#count(state.retryAt);
      this.#countdown = setInterval(() => this.#count(state.retryAt), 250);
    }
    // Not `disabled`, which would take the focus away from whoever has just pressed it.
    this.#retry.setAttribute('aria-disabled', String(state.status === 'connecting'));
  }

  #count(retryAt: number): void {
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1_000));
    setText(this.#bannerText, `Next try in ${seconds} s.`);
  }
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

import { byId } from '@heddle/app-kit/page/element';
import type { ConnectionState, RoomConnection } from './room-connection.ts';

const TEXTS = { connecting: 'Connecting…', online: 'Online', offline: 'Offline' } as const;

/** Says how the connection is; while it is gone, when the next try begins. */
export class ConnectionView {
  readonly #status = byId('connection', HTMLElement);
  readonly #text = byId('connection-text', HTMLElement);
  readonly #banner = byId('offline', HTMLElement);
  readonly #bannerText = byId('offline-text', HTMLElement);
  readonly #retry = byId('retry', HTMLButtonElement);
  #countdown: ReturnType<typeof setInterval> | undefined;

  constructor(connection: RoomConnection) {
    this.#retry.addEventListener('click', () => connection.connect());
  }

  /** Shows a state. */
  update(state: ConnectionState): void {
    this.#status.dataset['status'] = state.status;
    // A live region: only what is different is set, so that only that is read aloud.
    if (this.#text.textContent !== TEXTS[state.status]) {
      this.#text.textContent = TEXTS[state.status];
    }
    clearInterval(this.#countdown);
    if (state.status === 'online') this.#banner.hidden = true;
    if (state.status === 'connecting') this.#bannerText.textContent = 'Trying to reach the room…';
    if (state.status === 'offline') {
      this.#banner.hidden = false;
      this.#count(state.retryAt);
      this.#countdown = setInterval(() => this.#count(state.retryAt), 250);
    }
    // Not `disabled`, which would take the focus away from whoever has just pressed it.
    this.#retry.setAttribute('aria-disabled', String(state.status === 'connecting'));
  }

  #count(retryAt: number): void {
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1_000));
    const text = `Next try in ${seconds} s.`;
    if (this.#bannerText.textContent !== text) this.#bannerText.textContent = text;
  }
}

import { byId } from '@heddle/app-kit/page/element';
import type { ChatSession } from './chat-session.ts';
import { KeyedList } from './keyed-list.ts';
import { type MessageActions, renderRow } from './message-view.ts';
import { buildRows, type Row } from './rows.ts';
import { ScrollPosition } from './scroll-position.ts';

/** Everything that was said, and how to get about in it. */
export class TimelineView {
  readonly position: ScrollPosition;
  readonly #session: ChatSession;
  readonly #list: KeyedList<Row>;
  readonly #earlier = byId('earlier', HTMLButtonElement);
  readonly #empty = byId('empty', HTMLElement);
  readonly #emptyText = byId('empty-text', HTMLElement);
  readonly #toLatest = byId('to-latest', HTMLButtonElement);
  readonly #toLatestText = byId('to-latest-text', HTMLElement);

  /** `onMove` is called when somebody arrives at the end of the timeline, or leaves it. */
  constructor(session: ChatSession, actions: MessageActions, onMove: () => void) {
    this.#session = session;
    this.#list = new KeyedList(byId('timeline', HTMLElement), (row) => renderRow(row, actions));
    this.position = new ScrollPosition(byId('scroller', HTMLElement), onMove);
    this.#earlier.addEventListener('click', () => session.askForEarlier());
    this.#toLatest.addEventListener('click', () => {
      this.position.toEnd();
      onMove();
      // The button is about to vanish, and the keyboard's place with it.
      byId('text', HTMLTextAreaElement).focus();
    });
  }

  /** Shows what the session has now. `unread`: how many there are, and where they begin. */
  update(unread: { readonly count: number; readonly firstId: number | undefined }): void {
    const { timeline, outbox, you, name, connection } = this.#session;
    const rows = buildRows({
      messages: timeline.messages,
      unsent: outbox.items,
      you,
      name,
      online: connection.state.status === 'online',
      firstUnreadId: unread.firstId,
    });
    this.position.keep(() => {
      this.#earlier.hidden = !timeline.hasEarlier;
      this.#list.update(rows);
      this.#updateEmpty(rows.length === 0);
    });
    this.#toLatest.hidden = this.position.atEnd;
    this.#toLatestText.textContent =
      unread.count === 0 ? 'Latest messages' : `${unread.count} new below`;
  }

  /** Brings the line above the unread messages into view, if there is one. */
  showUnread(): void {
    const line = document.getElementById('unread');
    if (line !== null) this.position.toElement(line);
  }

  #updateEmpty(empty: boolean): void {
    this.#empty.hidden = !empty || this.#session.you === undefined;
    const alone = this.#session.people.length < 2;
    this.#emptyText.textContent = alone
      ? 'Say the first word, or send somebody the link to this room: what you write waits for them here.'
      : 'Nobody has said anything yet. Say the first word.';
  }
}

import type { Message, Refusal } from '../shared/wire.ts';
import { Announcer } from './announcer.ts';
import { isWatched, onAttention } from './attention.ts';
import { keptText } from './browser-storage.ts';
import { ChatSession, type SessionListener } from './chat-session.ts';
import { Composer } from './composer.ts';
import { ConnectionView } from './connection-view.ts';
import { identityKey } from './identity.ts';
import { Outbox } from './outbox.ts';
import { PeopleView } from './people-view.ts';
import type { ConnectionState } from './room-connection.ts';
import { TimelineView } from './timeline-view.ts';
import { Unread } from './unread.ts';

const TOO_FAST =
  'You are writing faster than this room allows. Your messages wait, and go out one after the other.';

/** A room as somebody sees it who is in it: the session, and what shows it. */
export class RoomPage implements SessionListener {
  readonly session: ChatSession;
  readonly #room: string;
  readonly #unread: Unread;
  readonly #timeline: TimelineView;
  readonly #composer: Composer;
  readonly #people: PeopleView;
  readonly #connection: ConnectionView;
  readonly #announcer = new Announcer();
  #resumed = false;

  constructor(room: string, name: string) {
    this.#room = room;
    this.#unread = new Unread(keptText('localStorage', `heddle-chat:seen:${room}`));
    this.session = new ChatSession({
      url: socketUrl(),
      key: identityKey(),
      name,
      outbox: new Outbox(keptText('sessionStorage', `heddle-chat:outbox:${room}`)),
      listener: this,
    });
    this.#composer = new Composer({
      onSay: (text) => this.#say(text),
      onTyping: (typing) => this.session.setTyping(typing),
      draft: keptText('sessionStorage', `heddle-chat:draft:${room}`),
    });
    this.#timeline = new TimelineView(this.session, this.#messageActions(), () => this.#update());
    this.#people = new PeopleView(this.session);
    this.#connection = new ConnectionView(this.session.connection);
    onAttention(() => this.#look());
  }

  /** Goes online, and puts the keyboard where one writes. */
  start(): void {
    this.session.connection.connect();
    this.#composer.focus();
  }

  onConnection(state: ConnectionState): void {
    this.#connection.update(state);
  }

  onTimeline(): void {
    const isFirst = !this.#resumed && this.session.you !== undefined;
    if (isFirst) this.#resume();
    if (this.session.outbox.items.length === 0) this.#composer.notify('');
    this.#update();
    if (isFirst) this.#timeline.showUnread();
  }

  onPeople(): void {
    this.#people.update();
    this.#update();
  }

  onArrival(messages: readonly Message[]): void {
    this.#announcer.announce(messages);
    if (!this.#isSeen()) this.#unread.arrive(messages);
    this.#update();
  }

  onRefusal({ code, clientId, message }: Refusal): void {
    if (code === 'too_fast') this.#composer.notify(TOO_FAST);
    else if (clientId === undefined) this.#composer.notify(message);
  }

  #messageActions() {
    return {
      edit: ({ clientId, text }: { clientId: string; text: string }) => {
        this.session.discard(clientId);
        this.#composer.takeBack(text);
      },
      discard: ({ clientId }: { clientId: string }) => {
        this.session.discard(clientId);
        this.#composer.focus();
      },
    };
  }

  #say(text: string): void {
    this.#unread.answer();
    this.session.say(text);
    this.#timeline.position.toEnd();
    this.#update();
  }

  /** On arrival: what is in the history that this browser has not shown before? */
  #resume(): void {
    this.#resumed = true;
    const { timeline, you } = this.session;
    this.#unread.resume(timeline.messages.filter(({ author }) => author !== you));
  }

  /** Somebody has turned to the page, or away from it. */
  #look(): void {
    // The device may have slept since they last did.
    if (isWatched()) this.session.connection.check();
    this.#update();
  }

  #isSeen(): boolean {
    return isWatched() && this.#timeline.position.atEnd;
  }

  #update(): void {
    const newestId = this.session.timeline.newestId;
    if (newestId !== undefined && this.#isSeen()) this.#unread.see(newestId);
    this.#timeline.update(this.#unread);
    const { count } = this.#unread;
    document.title = `${count > 0 ? `(${count}) ` : ''}${this.#room} · Heddle chat`;
  }
}

/** The room's socket has the room's address, and one word more. */
function socketUrl(): string {
  const url = new URL(`${location.pathname.replace(/\/$/u, '')}/socket`, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

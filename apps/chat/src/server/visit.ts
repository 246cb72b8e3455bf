import { toDisplayName } from '../shared/display-name.ts';
import { countCharacters, HISTORY_PAGE, MAX_CATCH_UP, MAX_TEXT_LENGTH } from '../shared/limits.ts';
import { toMessageText } from '../shared/message-text.ts';
import type { ClientMessage, Message, Refusal, ServerMessage } from '../shared/wire.ts';
import { authorOf } from './author.ts';
import { RateLimit } from './rate-limit.ts';
import { refusal } from './refusal.ts';
import type { Room, Rooms, Visitor } from './room.ts';
import type { MessageStore } from './store.ts';

/** The two clocks that a visit reads. */
export interface Clock {
  /** Milliseconds since 1970, for people. */
  readonly date: () => number;
  /** Milliseconds that never go back, for rates. */
  readonly elapsed: () => number;
}

/** What a visit needs. */
export interface VisitOptions {
  readonly roomName: string;
  readonly rooms: Rooms;
  readonly store: MessageStore;
  readonly clock: Clock;
  /** Sends to this connection. Must neither throw nor wait. */
  readonly send: (message: ServerMessage) => void;
}

interface Presence {
  readonly room: Room;
  readonly visitor: Visitor;
}

type Say = Extract<ClientMessage, { type: 'say' }>;
type Join = Extract<ClientMessage, { type: 'join' }>;

/** Enough for somebody who sends a few lines at once, too little to drown the others. */
const SAY_RATE = { burst: 10, perSecond: 2 };

/** Everything that is not said: typing, going back in history, and so on. */
const OTHER_RATE = { burst: 40, perSecond: 10 };

/** One connection to one room: what it says, and what comes of it. */
export class Visit {
  readonly #options: VisitOptions;
  readonly #sayLimit: RateLimit;
  readonly #otherLimit: RateLimit;
  /** There from `join` on: a room with nobody in it is forgotten, so none is held before. */
  #presence: Presence | undefined;

  constructor(options: VisitOptions) {
    this.#options = options;
    const now = options.clock.elapsed();
    this.#sayLimit = new RateLimit(SAY_RATE, now);
    this.#otherLimit = new RateLimit(OTHER_RATE, now);
  }

  /** Does what the page asks. Whatever it is, the answer is a message: this throws only if the store does. */
  receive(message: ClientMessage): void {
    const refused = this.#refuse(message);
    if (refused !== undefined) this.#options.send(refused);
  }

  /** The connection is gone. May be called more than once. */
  end(): void {
    if (this.#presence === undefined) return;
    this.#presence.room.leave(this.#presence.visitor);
    this.#presence = undefined;
    this.#options.rooms.release(this.#options.roomName);
  }

  #refuse(message: ClientMessage): Refusal | undefined {
    const limit = message.type === 'say' ? this.#sayLimit : this.#otherLimit;
    const retryAfterMs = limit.take(this.#options.clock.elapsed());
    if (retryAfterMs > 0) return tooFast(message, retryAfterMs);
    if (message.type === 'join') return this.#join(message);
    if (this.#presence === undefined) return refusal('not_joined');
    return this.#obey(message, this.#presence);
  }

  #obey(message: Exclude<ClientMessage, Join>, presence: Presence): Refusal | undefined {
    switch (message.type) {
      case 'say':
        return this.#say(message, presence);
      case 'rename':
        return this.#rename(message.name, presence);
      case 'typing':
        presence.room.setTyping(presence.visitor, message.typing);
        return undefined;
      case 'earlier':
        this.#tellEarlier(message.before);
        return undefined;
      case 'ping':
        this.#options.send({ type: 'pong' });
        return undefined;
    }
  }

  #join({ key, name: wanted, after }: Join): Refusal | undefined {
    if (this.#presence !== undefined) return refusal('already_joined');
    const name = toDisplayName(wanted);
    if (name === undefined) return refusal('bad_name');

    const { send, rooms, roomName } = this.#options;
    const room = rooms.open(roomName);
    const visitor = { author: authorOf(key), name, typing: false, send };
    this.#presence = { room, visitor };
    room.enter(visitor);
    // In the same turn as entering the room, so that no message falls between history and presence.
    send({
      type: 'welcome',
      you: visitor.author,
      people: room.people(),
      typing: room.typing(),
      ...this.#missed(after),
    });
    return undefined;
  }

  #missed(after: number | undefined): {
    messages: Message[];
    startsOver: boolean;
    more: boolean;
  } {
    const { store, roomName } = this.#options;
    // A page that has seen more than there is comes from another database: it must forget that.
    const newestId = store.before(roomName, 1)[0]?.id ?? 0;
    if (after !== undefined && after <= newestId) {
      const messages = store.after(roomName, after, MAX_CATCH_UP + 1);
      if (messages.length <= MAX_CATCH_UP) return { messages, startsOver: false, more: false };
    }
    return { ...firstPage(store.before(roomName, HISTORY_PAGE + 1)), startsOver: true };
  }

  #say({ clientId, text: typed }: Say, { room, visitor }: Presence): Refusal | undefined {
    const text = toMessageText(typed);
    if (text === '') return refusal('empty', { clientId });
    if (countCharacters(text) > MAX_TEXT_LENGTH) return refusal('too_long', { clientId });

    const { store, roomName, clock, send } = this.#options;
    const { author, name } = visitor;
    const draft = { room: roomName, author, name, clientId, text, at: clock.date() };
    const { message, repeated } = store.add(draft);
    send({ type: 'ack', message });
    if (!repeated) room.tell({ type: 'message', message }, visitor);
    room.setTyping(visitor, false);
    return undefined;
  }

  #rename(wanted: string, { room, visitor }: Presence): Refusal | undefined {
    const name = toDisplayName(wanted);
    if (name === undefined) return refusal('bad_name');
    room.rename(visitor.author, name);
    return undefined;
  }

  #tellEarlier(before: number): void {
    const { store, roomName, send } = this.#options;
    const page = firstPage(store.before(roomName, HISTORY_PAGE + 1, before));
    send({ type: 'history', ...page });
  }
}

function tooFast(message: ClientMessage, retryAfterMs: number): Refusal | undefined {
  // Nobody misses a sign that somebody types.
  if (message.type === 'typing') return undefined;
  const clientId = message.type === 'say' ? { clientId: message.clientId } : {};
  return refusal('too_fast', { ...clientId, retryAfterMs });
}

/** One more than a page was read, to see whether there is more. */
function firstPage(read: Message[]): { messages: Message[]; more: boolean } {
  return { messages: read.slice(-HISTORY_PAGE), more: read.length > HISTORY_PAGE };
}

import type {
  ClientMessage,
  Message,
  Person,
  Refusal,
  ServerMessage,
  Welcome,
} from '../shared/wire.ts';
import { Delivery } from './delivery.ts';
import type { Outbox } from './outbox.ts';
import { type ConnectionState, type Patience, RoomConnection } from './room-connection.ts';
import { Timeline } from './timeline.ts';

/** What a session tells the view. Everything else can be read from the session then. */
export interface SessionListener {
  /** The connection has another state. */
  onConnection(state: ConnectionState): void;
  /** The timeline, or what is on its way into it, has changed. */
  onTimeline(): void;
  /** Somebody came, went, changed their name, began or stopped typing. */
  onPeople(): void;
  /** Messages of others that this page had not seen, oldest first. Not those of the first welcome. */
  onArrival(messages: readonly Message[]): void;
  /** The server would not do something, and why. */
  onRefusal(refusal: Refusal): void;
}

/** What a session needs. */
export interface SessionOptions extends Patience {
  readonly url: string;
  /** The browser's secret. */
  readonly key: string;
  readonly name: string;
  readonly outbox: Outbox;
  readonly listener: SessionListener;
}

/** Somebody's stay in a room, over as many connections as it takes. It knows no document. */
export class ChatSession {
  readonly connection: RoomConnection;
  readonly timeline = new Timeline();
  readonly outbox: Outbox;
  readonly #delivery: Delivery;
  readonly #listener: SessionListener;
  readonly #key: string;
  #name: string;
  #you: string | undefined;
  #people: readonly Person[] = [];
  #typing: readonly string[] = [];
  /** One page of history at a time is asked for, however often somebody presses the button. */
  #asksForEarlier = false;

  constructor({ url, key, name, outbox, listener, ...patience }: SessionOptions) {
    this.#key = key;
    this.#name = name;
    this.outbox = outbox;
    this.#listener = listener;
    this.connection = new RoomConnection({
      ...patience,
      url,
      greeting: () => this.#greeting(),
      onMessage: (message) => this.#receive(message),
      onState: (state) => this.#changeState(state),
    });
    this.#delivery = new Delivery(outbox, (message) => this.connection.send(message));
  }

  get name(): string {
    return this.#name;
  }

  /** The author under which this page speaks; `undefined` before the first welcome. */
  get you(): string | undefined {
    return this.#you;
  }

  /** Everybody in the room, also you; as it was when the page was last online. */
  get people(): readonly Person[] {
    return this.#people;
  }

  /** The others who are typing. */
  get typing(): readonly Person[] {
    return this.#people.filter(
      ({ author }) => author !== this.#you && this.#typing.includes(author),
    );
  }

  /** Says something: now, or as soon as that is possible. */
  say(text: string): void {
    this.outbox.add(text, Date.now());
    this.#delivery.start();
    this.#listener.onTimeline();
  }

  /** Takes back a message that the server would not take. */
  discard(clientId: string): void {
    this.outbox.remove(clientId);
    this.#listener.onTimeline();
  }

  /** Takes another name. A connection that is yet to come will bring it along. */
  rename(name: string): void {
    this.#name = name;
    this.connection.send({ type: 'rename', name });
  }

  setTyping(typing: boolean): void {
    this.connection.send({ type: 'typing', typing });
  }

  /** Asks for what was said before the first message. */
  askForEarlier(): void {
    const before = this.timeline.oldestId;
    if (before === undefined || this.#asksForEarlier) return;
    this.#asksForEarlier = this.connection.send({ type: 'earlier', before });
  }

  #greeting(): ClientMessage {
    const join = { type: 'join', key: this.#key, name: this.#name } as const;
    if (this.#you === undefined) return join;
    return { ...join, after: this.timeline.newestId ?? 0 };
  }

  #changeState(state: ConnectionState): void {
    if (state.status === 'offline') {
      this.#delivery.stop();
      this.#asksForEarlier = false;
      this.#typing = [];
    }
    this.#listener.onConnection(state);
    this.#listener.onTimeline();
    this.#listener.onPeople();
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#welcome(message);
        break;
      case 'ack':
      case 'message':
        this.#take(message.message);
        break;
      case 'history':
        this.#asksForEarlier = false;
        this.timeline.prepend(message.messages, message.more);
        this.#listener.onTimeline();
        break;
      case 'people':
        this.#people = message.people;
        this.#listener.onPeople();
        break;
      case 'typing':
        this.#typing = message.authors;
        this.#listener.onPeople();
        break;
      case 'error':
        this.#delivery.heed(message);
        this.#asksForEarlier = false;
        this.#listener.onTimeline();
        this.#listener.onRefusal(message);
        break;
      case 'pong':
        break;
    }
  }

  #welcome({ you, people, typing, messages, startsOver, more }: Welcome): void {
    const returning = this.#you !== undefined;
    const newestId = this.timeline.newestId ?? 0;
    this.#you = you;
    this.#people = people;
    this.#typing = typing;
    for (const message of messages) this.#settle(message);
    if (startsOver) this.timeline.startOver(messages, more);
    else this.timeline.append(messages);
    this.#listener.onTimeline();
    this.#listener.onPeople();
    if (returning) this.#announce(messages.filter(({ id }) => id > newestId));
    this.#delivery.start();
  }

  #take(message: Message): void {
    this.#settle(message);
    const added = this.timeline.append([message]);
    this.#delivery.start();
    this.#listener.onTimeline();
    this.#announce(added);
  }

  #announce(messages: readonly Message[]): void {
    const ofOthers = messages.filter(({ author }) => author !== this.#you);
    if (ofOthers.length > 0) this.#listener.onArrival(ofOthers);
  }

  /** What the room has is no longer on its way, however the page learned of it. */
  #settle({ author, clientId }: Message): void {
    if (author === this.#you) this.#delivery.settle(clientId);
  }
}

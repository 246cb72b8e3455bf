import type { Person, ServerMessage } from '../shared/wire.ts';

/** One connection in a room. The same author may have several. */
export interface Visitor {
  readonly author: string;
  name: string;
  typing: boolean;
  /** Must neither throw nor wait. */
  send(message: ServerMessage): void;
}

/** Who is in a room, and who of them is typing. Everybody is told of every change. */
export class Room {
  /** In the order in which they came, which is the order in which they are listed. */
  readonly #visitors = new Set<Visitor>();

  /** True if nobody is here. */
  get empty(): boolean {
    return this.#visitors.size === 0;
  }

  /** Everybody here, each author once. */
  people(): Person[] {
    const people = new Map<string, Person>();
    for (const { author, name } of this.#visitors) people.set(author, { author, name });
    return [...people.values()];
  }

  /** The authors who are typing on some connection. */
  typing(): string[] {
    const authors = new Set<string>();
    for (const visitor of this.#visitors) if (visitor.typing) authors.add(visitor.author);
    return [...authors];
  }

  /** Lets a visitor in. An author who is here already goes by the new visitor's name from now on. */
  enter(visitor: Visitor): void {
    const before = this.people();
    this.#visitors.add(visitor);
    this.#call(visitor.author, visitor.name);
    this.#tellPeople(before, visitor);
  }

  /** Lets a visitor go; nothing happens if it was not here. */
  leave(visitor: Visitor): void {
    const before = this.people();
    this.setTyping(visitor, false);
    if (this.#visitors.delete(visitor)) this.#tellPeople(before);
  }

  /** Gives an author a new name, on all of their connections. */
  rename(author: string, name: string): void {
    const before = this.people();
    this.#call(author, name);
    this.#tellPeople(before);
  }

  /** Notes whether a visitor is typing. */
  setTyping(visitor: Visitor, typing: boolean): void {
    if (visitor.typing === typing || !this.#visitors.has(visitor)) return;
    visitor.typing = typing;
    this.tell({ type: 'typing', authors: this.typing() });
  }

  /** Sends a message to everybody here, or everybody but one. */
  tell(message: ServerMessage, except?: Visitor): void {
    for (const visitor of this.#visitors) if (visitor !== except) visitor.send(message);
  }

  #call(author: string, name: string): void {
    for (const visitor of this.#visitors) if (visitor.author === author) visitor.name = name;
  }

  #tellPeople(before: readonly Person[], except?: Visitor): void {
    const people = this.people();
    const same =
      people.length === before.length &&
      people.every(({ author, name }, index) => {
        const other = before[index];
        return other?.author === author && other.name === name;
      });
    if (!same) this.tell({ type: 'people', people }, except);
  }
}

/** The rooms in which somebody is. A room begins with its first visitor and ends with its last. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  /** The room of this name, which exists from now on until it is released. */
  open(name: string): Room {
    const room = this.#rooms.get(name) ?? new Room();
    this.#rooms.set(name, room);
    return room;
  }

  /** Forgets the room if nobody is in it. */
  release(name: string): void {
    if (this.#rooms.get(name)?.empty === true) this.#rooms.delete(name);
  }
}

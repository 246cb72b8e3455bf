import { beforeEach, describe, expect, it } from 'vitest';
import { Room, Rooms, type Visitor } from '../src/server/room.ts';
import type { ServerMessage } from '../src/shared/wire.ts';

interface Guest extends Visitor {
  readonly heard: ServerMessage[];
}

let room: Room;
let ada: Guest;
let mira: Guest;

beforeEach(() => {
  room = new Room();
  ada = guest('a', 'Ada');
  mira = guest('m', 'Mira');
});

describe('a room', () => {
  it('tells the others who has come and who has gone', () => {
    room.enter(ada);
    room.enter(mira);
    room.leave(mira);
    expect(ada.heard).toEqual([
      { type: 'people', people: [person(ada), person(mira)] },
      { type: 'people', people: [person(ada)] },
    ]);
  });

  it('tells a newcomer nothing: the welcome says it all', () => {
    room.enter(ada);
    room.enter(mira);
    expect(mira.heard).toEqual([]);
  });

  it('lists an author with two tabs once, until the last is closed', () => {
    const tab = guest('a', 'Ada');
    room.enter(ada);
    room.enter(mira);
    room.enter(tab);
    expect(room.people()).toEqual([person(ada), person(mira)]);
    mira.heard.length = 0;
    room.leave(ada);
    expect(mira.heard).toEqual([{ type: 'people', people: [person(mira), person(tab)] }]);
    room.leave(tab);
    expect(room.people()).toEqual([person(mira)]);
  });

  it('gives an author one name, the last one', () => {
    room.enter(ada);
    room.enter(guest('a', 'Countess'));
    expect(ada.name).toBe('Countess');
    room.rename('a', 'Ada King');
    expect(room.people()).toEqual([{ author: 'a', name: 'Ada King' }]);
  });

  it('tells everybody of a new name, and of nothing if it is the old one', () => {
    room.enter(ada);
    room.enter(mira);
    ada.heard.length = 0;
    room.rename('m', 'Mira');
    expect(ada.heard).toEqual([]);
    room.rename('m', 'Miranda');
    expect(ada.heard).toHaveLength(1);
    expect(mira.heard).toHaveLength(1);
  });

  it('tells everybody once that somebody types, and once that they have stopped', () => {
    room.enter(ada);
    room.enter(mira);
    ada.heard.length = 0;
    room.setTyping(mira, true);
    room.setTyping(mira, true);
    room.setTyping(mira, false);
    expect(ada.heard).toEqual([
      { type: 'typing', authors: ['m'] },
      { type: 'typing', authors: [] },
    ]);
  });

  it('knows that who has gone is not typing', () => {
    room.enter(ada);
    room.enter(mira);
    room.setTyping(mira, true);
    room.leave(mira);
    expect(room.typing()).toEqual([]);
    expect(ada.heard.at(-2)).toEqual({ type: 'typing', authors: [] });
  });

  it('ignores the typing and the leaving of somebody who is not here', () => {
    room.enter(ada);
    room.setTyping(mira, true);
    room.leave(mira);
    expect(ada.heard).toEqual([]);
  });

  it('tells a message to all but one', () => {
    room.enter(ada);
    room.enter(mira);
    ada.heard.length = 0;
    room.tell({ type: 'pong' }, ada);
    expect(ada.heard).toEqual([]);
    expect(mira.heard).toEqual([{ type: 'pong' }]);
  });
});

describe('the rooms', () => {
  it('are the same by the same name for as long as somebody is in them', () => {
    const rooms = new Rooms();
    const first = rooms.open('one');
    first.enter(ada);
    rooms.release('one');
    expect(rooms.open('one')).toBe(first);
    expect(rooms.open('two')).not.toBe(first);
    first.leave(ada);
    rooms.release('one');
    expect(rooms.open('one')).not.toBe(first);
  });

  it('are not disturbed when one is released that is not there', () => {
    expect(() => new Rooms().release('nowhere')).not.toThrow();
  });
});

function guest(author: string, name: string): Guest {
  const heard: ServerMessage[] = [];
  return { author, name, typing: false, heard, send: (message) => heard.push(message) };
}

function person({ author, name }: Visitor) {
  return { author, name };
}

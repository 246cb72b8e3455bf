import { join } from 'node:path';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { authorOf } from '../src/server/author.ts';
import { Rooms } from '../src/server/room.ts';
import { MessageStore } from '../src/server/store.ts';
import { Visit } from '../src/server/visit.ts';
import { HISTORY_PAGE, MAX_CATCH_UP, MAX_TEXT_LENGTH } from '../src/shared/limits.ts';
import type { ClientMessage, ServerMessage } from '../src/shared/wire.ts';

const ADA = 'A'.repeat(22);
const MIRA = 'M'.repeat(22);

let store: MessageStore;
let rooms: Rooms;
let now: number;

beforeEach(() => {
  store = new MessageStore(join(tempFolder(), 'chat.sqlite'));
  const opened = store;
  onTestFinished(() => opened.close());
  rooms = new Rooms();
  now = 0;
});

describe('joining', () => {
  it('is welcomed with who is here, who is typing, and the latest page of history', () => {
    fill(HISTORY_PAGE + 1);
    const mira = join_(MIRA, 'Mira');
    mira.say({ type: 'typing', typing: true });
    const [welcome] = join_(ADA, '  Ada\tLovelace ').heard;
    expect(welcome).toMatchObject({
      type: 'welcome',
      you: authorOf(ADA),
      people: [
        { author: authorOf(MIRA), name: 'Mira' },
        { author: authorOf(ADA), name: 'Ada Lovelace' },
      ],
      typing: [authorOf(MIRA)],
      startsOver: true,
      more: true,
    });
    expect(texts(welcome)).toEqual(numbers(2, HISTORY_PAGE + 1));
  });

  it('brings exactly what was missed after a cursor', () => {
    fill(5);
    const [welcome] = join_(ADA, 'Ada', 3).heard;
    expect(welcome).toMatchObject({ startsOver: false, more: false });
    expect(texts(welcome)).toEqual(['4', '5']);
    expect(texts(join_(ADA, 'Ada', 0).heard[0])).toEqual(numbers(1, 5));
    expect(texts(join_(ADA, 'Ada', 5).heard[0])).toEqual([]);
  });

  it('starts over with the latest page if too much was missed', () => {
    fill(MAX_CATCH_UP + 2);
    expect(join_(ADA, 'Ada', 2).heard[0]).toMatchObject({ startsOver: false });
    const [welcome] = join_(ADA, 'Ada', 1).heard;
    expect(welcome).toMatchObject({ startsOver: true, more: true });
    expect(texts(welcome)).toHaveLength(HISTORY_PAGE);
  });

  it('starts over if the page has seen more than there is: it is another database', () => {
    fill(1);
    expect(join_(ADA, 'Ada', 2).heard[0]).toMatchObject({ startsOver: true, more: false });
  });

  it('is refused with a name that cannot be seen, twice, and before it nothing is done', () => {
    const visit = come();
    visit.say({ type: 'say', clientId: 'client-1', text: 'Hello?' });
    visit.say({ type: 'join', key: ADA, name: ' \u200b ' });
    visit.say({ type: 'join', key: ADA, name: 'Ada' });
    visit.say({ type: 'join', key: ADA, name: 'Ada' });
    expect(visit.heard.map(codeOrType)).toEqual([
      'not_joined',
      'bad_name',
      'welcome',
      'already_joined',
    ]);
    expect(store.before('room', 1)).toEqual([]);
  });

  it('meets the others also when it took place after they had all gone and come again', () => {
    const early = come();
    join_(MIRA, 'Mira').end();
    const mira = join_(MIRA, 'Mira');
    early.say({ type: 'join', key: ADA, name: 'Ada' });
    expect(mira.heard.at(-1)).toMatchObject({ type: 'people', people: [{}, { name: 'Ada' }] });
  });
});

describe('saying something', () => {
  it('is acknowledged to its author and told to the others, in one form', () => {
    const [ada, mira] = [join_(ADA, 'Ada'), join_(MIRA, 'Mira')];
    now = 1_234;
    ada.say({ type: 'say', clientId: 'client-1', text: '\r\n Hello,\r\nMira.\u0000 \n' });
    const message = {
      id: 1,
      clientId: 'client-1',
      author: authorOf(ADA),
      name: 'Ada',
      text: ' Hello,\nMira.',
      at: 1_234,
    };
    expect(ada.heard.at(-1)).toEqual({ type: 'ack', message });
    expect(mira.heard.at(-1)).toEqual({ type: 'message', message });
  });

  it('twice is acknowledged twice, stored once and told once', () => {
    const [ada, mira] = [join_(ADA, 'Ada'), join_(MIRA, 'Mira')];
    ada.say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    ada.end();
    const again = join_(ADA, 'Ada');
    again.say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    expect(again.heard.at(-1)).toMatchObject({ type: 'ack', message: { id: 1 } });
    expect(mira.heard.filter(({ type }) => type === 'message')).toHaveLength(1);
    expect(store.before('room', 10)).toHaveLength(1);
  });

  it('reaches the author’s other tabs', () => {
    const [one, two] = [join_(ADA, 'Ada'), join_(ADA, 'Ada')];
    one.say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    expect(two.heard.at(-1)).toMatchObject({ type: 'message', message: { text: 'Hello' } });
  });

  it('stays in its room', () => {
    const elsewhere = come('elsewhere');
    elsewhere.say({ type: 'join', key: MIRA, name: 'Mira' });
    join_(ADA, 'Ada').say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    expect(elsewhere.heard.map(({ type }) => type)).toEqual(['welcome']);
  });

  it('is refused when it is empty or too long, and the refusal says which', () => {
    const ada = join_(ADA, 'Ada');
    ada.say({ type: 'say', clientId: 'client-1', text: ' \n ' });
    ada.say({ type: 'say', clientId: 'client-2', text: '👋'.repeat(MAX_TEXT_LENGTH + 1) });
    ada.say({ type: 'say', clientId: 'client-3', text: '👋'.repeat(MAX_TEXT_LENGTH) });
    expect(ada.heard.slice(1)).toMatchObject([
      { type: 'error', code: 'empty', clientId: 'client-1' },
      { type: 'error', code: 'too_long', clientId: 'client-2' },
      { type: 'ack', message: { clientId: 'client-3' } },
    ]);
  });

  it('too fast is refused with the time to wait, after which it is taken', () => {
    const ada = join_(ADA, 'Ada');
    for (let n = 0; n < 11; n++) ada.say({ type: 'say', clientId: `client-${n}`, text: 'Hello' });
    expect(ada.heard.filter(({ type }) => type === 'ack')).toHaveLength(10);
    const refusal = ada.heard.at(-1);
    expect(refusal).toMatchObject({ code: 'too_fast', clientId: 'client-10', retryAfterMs: 500 });
    now += 500;
    ada.say({ type: 'say', clientId: 'client-10', text: 'Hello' });
    expect(ada.heard.at(-1)).toMatchObject({ type: 'ack', message: { clientId: 'client-10' } });
  });

  it('ends the typing', () => {
    const [ada, mira] = [join_(ADA, 'Ada'), join_(MIRA, 'Mira')];
    ada.say({ type: 'typing', typing: true });
    ada.say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    expect(mira.heard.slice(1).map(codeOrType)).toEqual(['typing', 'message', 'typing']);
    expect(mira.heard.at(-1)).toEqual({ type: 'typing', authors: [] });
  });
});

describe('the rest of a visit', () => {
  it('goes back through the history, page by page', () => {
    fill(HISTORY_PAGE + 3);
    const ada = join_(ADA, 'Ada');
    ada.say({ type: 'earlier', before: 4 });
    expect(ada.heard.at(-1)).toMatchObject({ type: 'history', more: false });
    expect(texts(ada.heard.at(-1))).toEqual(['1', '2', '3']);
    ada.say({ type: 'earlier', before: HISTORY_PAGE + 3 });
    expect(ada.heard.at(-1)).toMatchObject({ more: true });
    expect(texts(ada.heard.at(-1))).toEqual(numbers(3, HISTORY_PAGE + 2));
  });

  it('takes a new name for what is said from then on', () => {
    const ada = join_(ADA, 'Ada');
    ada.say({ type: 'rename', name: '' });
    expect(ada.heard.at(-1)).toMatchObject({ code: 'bad_name' });
    ada.say({ type: 'rename', name: 'Countess' });
    ada.say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    expect(ada.heard.at(-1)).toMatchObject({ type: 'ack', message: { name: 'Countess' } });
  });

  it('answers a ping', () => {
    const ada = join_(ADA, 'Ada');
    ada.say({ type: 'ping' });
    expect(ada.heard.at(-1)).toEqual({ type: 'pong' });
  });

  it('bears a flood of signs of typing in silence, and refuses other floods', () => {
    const ada = join_(ADA, 'Ada');
    const heard = ada.heard.length;
    for (let n = 0; n < 100; n++) ada.say({ type: 'typing', typing: true });
    expect(ada.heard.length - heard).toBe(1);
    ada.say({ type: 'earlier', before: 1 });
    expect(ada.heard.at(-1)).toMatchObject({ code: 'too_fast' });
    expect(ada.heard.at(-1)).not.toHaveProperty('clientId');
  });

  it('ends once, however often it is told so', () => {
    const [ada, mira] = [join_(ADA, 'Ada'), join_(MIRA, 'Mira')];
    ada.end();
    ada.end();
    expect(mira.heard.map(({ type }) => type)).toEqual(['welcome', 'people']);
  });
});

interface Guest {
  readonly heard: ServerMessage[];
  say(message: ClientMessage): void;
  end(): void;
}

function come(roomName = 'room'): Guest {
  const heard: ServerMessage[] = [];
  const clock = { date: () => now, elapsed: () => now };
  const send = (message: ServerMessage) => void heard.push(message);
  const visit = new Visit({ roomName, rooms, store, clock, send });
  return { heard, say: (message) => visit.receive(message), end: () => visit.end() };
}

function join_(key: string, name: string, after?: number): Guest {
  const guest = come();
  guest.say({ type: 'join', key, name, ...(after === undefined ? {} : { after }) });
  return guest;
}

function fill(count: number): void {
  for (let n = 1; n <= count; n++) {
    const clientId = `seeded-${n}`;
    store.add({ room: 'room', author: 'x', name: 'X', clientId, text: String(n), at: n });
  }
}

function texts(message: ServerMessage | undefined): string[] {
  return message !== undefined && 'messages' in message
    ? message.messages.map(({ text }) => text)
    : [];
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

function codeOrType(message: ServerMessage): string {
  return message.type === 'error' ? message.code : message.type;
}

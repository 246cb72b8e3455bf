import { describe, expect, it } from 'vitest';
import { buildRows, type MessageRow, type Row, type RowsInput } from '../src/page/rows.ts';
import type { Message } from '../src/shared/wire.ts';

const NOON = new Date(2026, 4, 1, 12).getTime();
const MINUTE = 60_000;

describe('the rows of a timeline', () => {
  it('are none in an empty room', () => {
    expect(rows({})).toEqual([]);
  });

  it('begin with a day, and have another where the day changes', () => {
    const messages = [
      message({ id: 1, at: new Date(2026, 4, 1, 23, 59).getTime() }),
      message({ id: 2, at: new Date(2026, 4, 2, 0, 1).getTime() }),
    ];
    expect(kinds(rows({ messages }))).toEqual(['day', 'message', 'day', 'message']);
  });

  it('group what one author says in one go', () => {
    const messages = [
      message({ id: 1 }),
      message({ id: 2, at: NOON + MINUTE }),
      message({ id: 3, at: NOON + 2 * MINUTE, author: 'm', name: 'Mira' }),
      message({ id: 4, at: NOON + 3 * MINUTE }),
      message({ id: 5, at: NOON + 30 * MINUTE }),
    ];
    expect(groups(rows({ messages }))).toEqual(['first', 'last', 'both', 'both', 'both']);
  });

  it('begin a group where an author has taken another name', () => {
    const messages = [message({ id: 1 }), message({ id: 2, name: 'Countess' })];
    expect(groups(rows({ messages }))).toEqual(['both', 'both']);
  });

  it('have the line for unread messages above the first of them, between two groups', () => {
    const messages = [message({ id: 1 }), message({ id: 2 }), message({ id: 3 })];
    const built = rows({ messages, firstUnreadId: 2 });
    expect(kinds(built)).toEqual(['day', 'message', 'unread', 'message', 'message']);
    expect(groups(built)).toEqual(['both', 'first', 'last']);
  });

  it('have the day above the line, where both are', () => {
    const built = rows({ messages: [message({ id: 1 })], firstUnreadId: 1 });
    expect(kinds(built)).toEqual(['day', 'unread', 'message']);
  });

  it('end with what is on its way, and say how far it has come', () => {
    const unsent = [
      { clientId: 'client-8', text: 'no', at: NOON, refused: 'Too long.' },
      { clientId: 'client-9', text: 'yes', at: NOON },
    ];
    const input = { messages: [message({ id: 1, author: 'me', name: 'Me' })], unsent };
    expect(deliveries(rows(input))).toEqual(['sent', { refused: 'Too long.' }, 'sending']);
    expect(deliveries(rows({ ...input, online: false })).at(-1)).toBe('waiting');
    expect(groups(rows(input))).toEqual(['first', 'neither', 'last']);
  });

  it('keep the key of a message when it is acknowledged', () => {
    const unsent = [{ clientId: 'client-1', text: 'Hello', at: NOON }];
    const before = messageRows(rows({ unsent }));
    const after = messageRows(rows({ messages: [message({ id: 1, author: 'me', name: 'Me' })] }));
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  });

  it('show what was written before the first welcome as one’s own', () => {
    const unsent = [{ clientId: 'client-1', text: 'Hello', at: NOON }];
    expect(messageRows(rows({ unsent, you: undefined }))).toMatchObject([
      { own: true, name: 'Me' },
    ]);
  });

  it('have different keys, whatever the clocks did', () => {
    const messages = [0, -1, 0, -1].map((days, index) =>
      message({ id: index + 1, at: NOON + days * 24 * 60 * MINUTE }),
    );
    const keys = rows({ messages }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(8);
  });
});

function rows(input: Partial<RowsInput>): Row[] {
  return buildRows({
    messages: [],
    unsent: [],
    you: 'me',
    name: 'Me',
    online: true,
    firstUnreadId: undefined,
    ...input,
  });
}

function message(parts: Partial<Message> & { id: number }): Message {
  return {
    clientId: `client-${parts.id}`,
    author: 'a',
    name: 'Ada',
    text: 'Hi',
    at: NOON,
    ...parts,
  };
}

function kinds(built: readonly Row[]): string[] {
  return built.map(({ kind }) => kind);
}

function messageRows(built: readonly Row[]): MessageRow[] {
  return built.filter((row) => row.kind === 'message');
}

function deliveries(built: readonly Row[]) {
  return messageRows(built).map(({ delivery }) => delivery);
}

function groups(built: readonly Row[]): string[] {
  return messageRows(built).map(({ first, last }) => {
    if (first && last) return 'both';
    if (first) return 'first';
    return last ? 'last' : 'neither';
  });
}

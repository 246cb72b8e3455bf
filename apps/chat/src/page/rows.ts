import type { Message } from '../shared/wire.ts';
import type { Unsent } from './outbox.ts';

/** How far a message of one's own has come. */
export type Delivery = 'sent' | 'sending' | 'waiting' | { readonly refused: string };

/** A message as the timeline shows it. */
export interface MessageRow {
  readonly kind: 'message';
  readonly key: string;
  readonly clientId: string;
  readonly author: string;
  readonly name: string;
  readonly text: string;
  readonly at: number;
  readonly own: boolean;
  /** It begins, or ends, what its author says in one go. */
  readonly first: boolean;
  readonly last: boolean;
  readonly delivery: Delivery;
}

/** One line of the timeline. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | MessageRow;

/** What the rows are made of. */
export interface RowsInput {
  readonly messages: readonly Message[];
  readonly unsent: readonly Unsent[];
  /** The author under which this page speaks; `undefined` before the first welcome. */
  readonly you: string | undefined;
  readonly name: string;
  readonly online: boolean;
  /** The message above which the line for unread messages goes. */
  readonly firstUnreadId: number | undefined;
}

/** Who comes back to a thought after this long begins a new group. */
const GROUP_MS = 5 * 60_000;

/** The lines of the timeline, from top to bottom. Days are those of the reader's time zone. */
export function buildRows(input: RowsInput): Row[] {
  const rows: Row[] = [];
  let previous: MessageRow | undefined;
  for (const { message, id } of allMessages(input)) {
    const dayChanges = previous === undefined || day(previous.at) !== day(message.at);
    const unreadBegins = id !== undefined && id === input.firstUnreadId;
    const first = dayChanges || unreadBegins || !continues(previous, message);
    if (first && previous !== undefined) rows[lastMessage(rows)] = { ...previous, last: true };
    if (dayChanges) rows.push({ kind: 'day', key: `day ${message.key}`, at: message.at });
    if (unreadBegins) rows.push({ kind: 'unread', key: 'unread' });
    previous = { ...message, first };
    rows.push(previous);
  }
  if (previous !== undefined) rows[lastMessage(rows)] = { ...previous, last: true };
  return rows;
}

function lastMessage(rows: readonly Row[]): number {
  return rows.findLastIndex(({ kind }) => kind === 'message');
}

function allMessages(input: RowsInput): { message: MessageRow; id?: number }[] {
  const you = input.you ?? 'you';
  const stored = input.messages.map(({ id, ...message }) => ({
    id,
    message: row({ ...message, own: message.author === you, delivery: 'sent' }),
  }));
  const unsent = input.unsent.map(({ refused, ...item }) => ({
    message: row({
      ...item,
      author: you,
      name: input.name,
      own: true,
      delivery: refused === undefined ? (input.online ? 'sending' : 'waiting') : { refused },
    }),
  }));
  return [...stored, ...unsent];
}

function row(message: Omit<MessageRow, 'kind' | 'key' | 'first' | 'last'>): MessageRow {
  // The key stays when a message is acknowledged, so that its element does.
  const key = `${message.own ? 'own' : message.author} ${message.clientId}`;
  return { kind: 'message', key, first: false, last: false, ...message };
}

function continues(previous: MessageRow | undefined, message: MessageRow): boolean {
  return (
    previous?.author === message.author &&
    previous.name === message.name &&
    Math.abs(message.at - previous.at) < GROUP_MS
  );
}

function day(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

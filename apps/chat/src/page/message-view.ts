import { create } from '@heddle/app-kit/page/element';
import { authorHue, initials } from './author-look.ts';
import { linkText } from './link-text.ts';
import type { Delivery, MessageRow, Row } from './rows.ts';
import { completeTimeText, dayText, timeText } from './time-text.ts';

/** What can be done with a message that the server would not take. */
export interface MessageActions {
  readonly edit: (row: MessageRow) => void;
  readonly discard: (row: MessageRow) => void;
}

/** Makes the element for one line of the timeline. */
export function renderRow(row: Row, actions: MessageActions): HTMLElement {
  switch (row.kind) {
    case 'day':
      return create('li', { class: 'day' }, create('span', {}, dayText(row.at, Date.now())));
    case 'unread':
      return create('li', { class: 'unread', id: 'unread' }, create('span', {}, 'New messages'));
    case 'message':
      return renderMessage(row, actions);
  }
}

/** The round sign with a person's initials. Everybody who can read it can read the name as well. */
export function renderAvatar(author: string, name: string): HTMLElement {
  const avatar = create('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name));
  avatar.style.setProperty('--hue', String(authorHue(author)));
  return avatar;
}

function renderMessage(row: MessageRow, actions: MessageActions): HTMLElement {
  const state = typeof row.delivery === 'string' ? row.delivery : 'refused';
  const places = `${row.first ? ' first' : ''}${row.last ? ' last' : ''}`;
  const item = create('li', {
    class: `message ${row.own ? 'own' : 'other'}${places}`,
    'data-delivery': state,
    'data-client-id': row.clientId,
  });
  item.style.setProperty('--hue', String(authorHue(row.author)));
  if (row.first && !row.own) item.append(renderAvatar(row.author, row.name));
  item.append(renderHead(row), renderText(row));
  const note = deliveryNote(row.delivery);
  if (note !== undefined) item.append(create('p', { class: 'delivery' }, note));
  if (state === 'refused') item.append(renderActions(row, actions));
  return item;
}

/** Also where it is not shown (the messages after the first), somebody listening needs the name. */
function renderHead({ name, own, at, first }: MessageRow): HTMLElement {
  const time = create(
    'time',
    { datetime: new Date(at).toISOString(), title: completeTimeText(at) },
    timeText(at),
  );
  const author = create('span', { class: own ? 'author visually-hidden' : 'author' });
  author.append(create('bdi', {}, own ? 'You' : name));
  return create('p', { class: first ? 'head' : 'head visually-hidden' }, author, ' ', time);
}

function renderText({ text, at }: MessageRow): HTMLElement {
  const parts = linkText(text).map(({ text: part, href }) =>
    href === undefined
      ? part
      : create('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, part),
  );
  return create('div', { class: 'text', dir: 'auto', title: completeTimeText(at) }, ...parts);
}

function deliveryNote(delivery: Delivery): string | undefined {
  if (delivery === 'sent') return undefined;
  if (delivery === 'sending') return 'Sending…';
  if (delivery === 'waiting') return 'Waits until you are online';
  return `Not sent. ${delivery.refused}`;
}

function renderActions(row: MessageRow, actions: MessageActions): HTMLElement {
  const edit = create('button', { type: 'button', class: 'quiet' }, 'Edit');
  edit.addEventListener('click', () => actions.edit(row));
  const discard = create('button', { type: 'button', class: 'quiet' }, 'Discard');
  discard.addEventListener('click', () => actions.discard(row));
  return create('p', { class: 'buttons' }, edit, discard);
}

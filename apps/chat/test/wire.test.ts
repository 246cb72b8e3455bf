import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { MAX_TEXT_LENGTH } from '../src/shared/limits.ts';
import { ClientMessage, ServerMessage } from '../src/shared/wire.ts';

const key = 'k'.repeat(22);
const message = { id: 1, clientId: 'client-1', author: 'a', name: 'Ada', text: 'Hello', at: 2 };

/** One of each, so that a new message cannot be left out. */
const clientMessages: Record<ClientMessage['type'], ClientMessage> = {
  join: { type: 'join', key, name: 'Ada', after: 7 },
  say: { type: 'say', clientId: 'client-1', text: 'x'.repeat(MAX_TEXT_LENGTH + 1) },
  typing: { type: 'typing', typing: true },
  rename: { type: 'rename', name: 'Ada' },
  earlier: { type: 'earlier', before: 7 },
  ping: { type: 'ping' },
};

const serverMessages: Record<ServerMessage['type'], ServerMessage> = {
  welcome: {
    type: 'welcome',
    you: 'a',
    people: [{ author: 'a', name: 'Ada' }],
    typing: ['a'],
    messages: [message],
    startsOver: true,
    more: false,
  },
  ack: { type: 'ack', message },
  message: { type: 'message', message },
  people: { type: 'people', people: [] },
  typing: { type: 'typing', authors: [] },
  history: { type: 'history', messages: [], more: true },
  pong: { type: 'pong' },
  error: { type: 'error', code: 'too_fast', message: 'Slowly.', retryAfterMs: 1 },
};

describe('what a page may say', () => {
  it.each(Object.entries(clientMessages))('has %s', (_type, example) => {
    expect(Check(ClientMessage, example)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['no object', 'ping'],
    ['nothing', null],
    ['an unknown type', { type: 'shout' }],
    ['a join without a key', { type: 'join', name: 'Ada' }],
    ['a short key', { type: 'join', key: 'secret', name: 'Ada' }],
    ['a cursor that is no integer', { type: 'join', key, name: 'Ada', after: 1.5 }],
    ['a cursor below zero', { type: 'join', key, name: 'Ada', after: -1 }],
    ['a text that is no string', { type: 'say', clientId: 'client-1', text: ['Hello'] }],
    ['a text without end', { type: 'say', clientId: 'client-1', text: 'x'.repeat(100_000) }],
    ['an id with a space in it', { type: 'say', clientId: 'client 1', text: 'Hello' }],
    ['typing that is neither', { type: 'typing', typing: 'yes' }],
  ])('has not %s', (_what, example) => {
    expect(Check(ClientMessage, example)).toBe(false);
  });
});

describe('what the server may say', () => {
  it.each(Object.entries(serverMessages))('has %s', (_type, example) => {
    expect(Check(ServerMessage, example)).toBe(true);
  });
});

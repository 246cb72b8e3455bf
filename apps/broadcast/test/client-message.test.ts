import { describe, expect, it } from 'vitest';
import { parseClientMessage } from '../src/server/client-message.ts';
import type { ClientMessage } from '../src/shared/wire.ts';

const sha256 = 'a'.repeat(64);

/** One of each, so that a new message cannot be left out. */
const examples: Record<ClientMessage['type'], ClientMessage> = {
  rename: { type: 'rename', name: 'Ada' },
  offer: { type: 'offer', ref: 1, name: 'notes.txt', size: 2 ** 40 },
  end: { type: 'end', id: 1, sha256 },
  want: { type: 'want', id: 1, from: 0 },
  ack: { type: 'ack', id: 1, bytes: 65_536 },
  received: { type: 'received', id: 1, sha256 },
  cancel: { type: 'cancel', id: 1 },
  ping: { type: 'ping' },
};

describe('what a page may say', () => {
  it.each(Object.entries(examples))('has %s', (_type, example) => {
    expect(parseClientMessage(JSON.stringify(example))).toEqual(example);
  });

  it.each(Object.entries(examples))('has no %s with a field of another kind', (_type, example) => {
    for (const field of Object.keys(example)) {
      for (const wrong of [null, true, [], {}, -1, 1.5, 2 ** 60, 'x'.repeat(1_001)]) {
        expect(parseClientMessage(JSON.stringify({ ...example, [field]: wrong }))).toBeUndefined();
      }
      const without = Object.entries(example).filter(([name]) => name !== field);
      expect(parseClientMessage(JSON.stringify(Object.fromEntries(without)))).toBeUndefined();
    }
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '"ping"'],
    ['nothing', 'null'],
    ['a list', '["ping"]'],
    ['an unknown type', '{"type":"shout"}'],
    ["a type that is an object's own", '{"type":"constructor"}'],
    ['a checksum in capitals', JSON.stringify({ type: 'end', id: 1, sha256: 'A'.repeat(64) })],
    ['a message without end', JSON.stringify({ type: 'ping', padding: 'x'.repeat(8_000) })],
  ])('has not %s', (_what, json) => {
    expect(parseClientMessage(json)).toBeUndefined();
  });
});

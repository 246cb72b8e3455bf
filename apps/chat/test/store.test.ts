import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Draft, MessageStore } from '../src/server/store.ts';

describe('a message store', () => {
  it('returns what was added, with an id', () => {
    const { message, repeated } = open(file()).add(draft({ text: 'Hello' }));
    expect(repeated).toBe(false);
    expect(message).toEqual({
      id: 1,
      clientId: 'client-1',
      author: 'ada',
      name: 'Ada',
      text: 'Hello',
      at: 1_700_000_000_000,
    });
  });

  it('keeps every character of a text', () => {
    const store = open(file());
    const text = `'; DROP TABLE message; -- "quoted" \t\n 👩‍🚀 שלום e\u0301 ${'x'.repeat(2_000)}`;
    store.add(draft({ text }));
    expect(store.before('room', 1)[0]?.text).toBe(text);
  });

  it('stores a repetition once, and returns what it stored the first time', () => {
    const store = open(file());
    const first = store.add(draft({ text: 'once' })).message;
    expect(store.add(draft({ text: 'twice', at: 5 }))).toEqual({ message: first, repeated: true });
    expect(store.before('room', 10)).toEqual([first]);
  });

  it('lets the same client id be used by another author, and in another room', () => {
    const store = open(file());
    store.add(draft({}));
    expect(store.add(draft({ author: 'mira' })).repeated).toBe(false);
    expect(store.add(draft({ room: 'other' })).repeated).toBe(false);
  });

  it('reads on from a message, oldest first, of one room only', () => {
    const store = filled(5);
    store.add(draft({ room: 'other' }));
    expect(texts(store.after('room', 2, 10))).toEqual(['3', '4', '5']);
    expect(texts(store.after('room', 2, 2))).toEqual(['3', '4']);
    expect(store.after('room', 5, 10)).toEqual([]);
  });

  it('reads back from a message, or from the end, oldest first', () => {
    const store = filled(5);
    expect(texts(store.before('room', 2))).toEqual(['4', '5']);
    expect(texts(store.before('room', 2, 4))).toEqual(['2', '3']);
    expect(store.before('room', 2, 1)).toEqual([]);
  });

  it('finds everything again after it was closed, and gives out new ids', () => {
    const path = file();
    const first = new MessageStore(path);
    first.add(draft({ clientId: 'client-1' }));
    first.close();
    const second = open(path);
    expect(second.before('room', 10)).toHaveLength(1);
    expect(second.add(draft({ clientId: 'client-1' })).repeated).toBe(true);
    expect(second.add(draft({ clientId: 'client-2' })).message.id).toBeGreaterThan(1);
  });

  it('has on disk what it returned, if the process is killed in the next moment', () => {
    const path = file();
    const module = fileURLToPath(new URL('../src/server/store.ts', import.meta.url));
    const script = `
      const { MessageStore } = await import(${JSON.stringify(module)});
      const store = new MessageStore(${JSON.stringify(path)});
      store.add(${JSON.stringify(draft({ text: 'still here' }))});
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.signal).toBe('SIGKILL');
    expect(texts(open(path).before('room', 1))).toEqual(['still here']);
  });

  it('refuses a file of a later version instead of damaging it', () => {
    const path = file();
    const later = new DatabaseSync(path);
    later.exec('PRAGMA user_version = 99');
    later.close();
    expect(() => new MessageStore(path)).toThrow(/later version/u);
  });

  it('refuses a file that is no database', () => {
    const path = file();
    writeFileSync(path, 'This is a shopping list, and a rather long one at that.\n'.repeat(100));
    expect(() => new MessageStore(path)).toThrow(/not a database/u);
  });
});

function file(): string {
  return join(tempFolder(), 'chat.sqlite');
}

function open(path: string): MessageStore {
  const store = new MessageStore(path);
  onTestFinished(() => store.close());
  return store;
}

function filled(count: number): MessageStore {
  const store = open(file());
  for (let n = 1; n <= count; n++) store.add(draft({ clientId: `client-${n}`, text: String(n) }));
  return store;
}

function draft(parts: Partial<Draft>): Draft {
  return {
    room: 'room',
    author: 'ada',
    name: 'Ada',
    clientId: 'client-1',
    text: 'text',
    at: 1_700_000_000_000,
    ...parts,
  };
}

function texts(messages: readonly { text: string }[]): string[] {
  return messages.map(({ text }) => text);
}

import { describe, expect, it } from 'vitest';
import { Unread } from '../src/page/unread.ts';
import type { Message } from '../src/shared/wire.ts';

describe('what is unread', () => {
  it('is counted, and begins where the first of it came', () => {
    const unread = begin();
    unread.arrive([message(4)]);
    unread.arrive([message(5), message(6)]);
    expect([unread.count, unread.firstId]).toEqual([3, 4]);
  });

  it('is read once somebody has looked, but the line stays', () => {
    const unread = begin();
    unread.arrive([message(4)]);
    unread.see(4);
    expect([unread.count, unread.firstId]).toEqual([0, 4]);
  });

  it('has its line further down when something is missed again', () => {
    const unread = begin();
    unread.arrive([message(4)]);
    unread.see(4);
    unread.arrive([message(9)]);
    expect([unread.count, unread.firstId]).toEqual([1, 9]);
  });

  it('loses its line when they answer', () => {
    const unread = begin();
    unread.arrive([message(4)]);
    unread.see(4);
    unread.answer();
    expect(unread.firstId).toBeUndefined();
  });

  it('begins, on the next visit, after the last message that was seen', () => {
    const shelf = { kept: '' };
    begin(shelf).see(4);
    const unread = begin(shelf);
    unread.resume([message(3), message(4), message(5), message(6)]);
    expect([unread.count, unread.firstId]).toEqual([2, 5]);
  });

  it('is nothing on the first visit, however long the history', () => {
    const unread = begin();
    unread.resume([message(1), message(2)]);
    expect([unread.count, unread.firstId]).toEqual([0, undefined]);
  });
});

function begin(shelf: { kept: string | undefined } = { kept: undefined }): Unread {
  return new Unread({
    read: () => shelf.kept,
    write: (text) => {
      shelf.kept = text;
    },
  });
}

function message(id: number): Message {
  return { id, clientId: `client-${id}`, author: 'a', name: 'Ada', text: String(id), at: id };
}

import { describe, expect, it } from 'vitest';
import type { KeptText } from '../src/page/browser-storage.ts';
import { Outbox } from '../src/page/outbox.ts';

describe('an outbox', () => {
  it('gives messages their turn in the order they were written', () => {
    const outbox = new Outbox(shelf());
    const [first, second] = [outbox.add('one', 1), outbox.add('two', 2)];
    expect(outbox.next).toEqual(first);
    expect(outbox.remove(first.clientId)).toBe(true);
    expect(outbox.next).toEqual(second);
    expect(outbox.remove(first.clientId)).toBe(false);
  });

  it('gives every message an id of its own, which the server accepts', () => {
    const outbox = new Outbox(shelf());
    const ids = Array.from({ length: 100 }, () => outbox.add('same', 1).clientId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/u);
  });

  it('passes over what was refused, and keeps it for its author', () => {
    const outbox = new Outbox(shelf());
    const [first, second] = [outbox.add('one', 1), outbox.add('two', 2)];
    outbox.refuse(first.clientId, 'No.');
    expect(outbox.next).toEqual(second);
    expect(outbox.items).toEqual([{ ...first, refused: 'No.' }, second]);
  });

  it('is as it was after the page was loaded again', () => {
    const kept = shelf();
    const before = new Outbox(kept);
    before.refuse(before.add('one', 1).clientId, 'No.');
    before.add('two', 2);
    expect(new Outbox(kept).items).toEqual(before.items);
  });

  it('leaves nothing behind when it is empty', () => {
    const kept = shelf();
    const outbox = new Outbox(kept);
    outbox.remove(outbox.add('one', 1).clientId);
    expect(kept.read()).toBeUndefined();
  });

  it.each(['', 'nonsense', '{}', 'null', '[null, 1, {"clientId":"x"}]'])(
    'begins empty if what was kept is %j',
    (json) => {
      expect(new Outbox(shelf(json)).items).toEqual([]);
    },
  );

  it('works without anything that keeps it', () => {
    const outbox = new Outbox({ read: () => undefined, write: () => undefined });
    outbox.add('one', 1);
    expect(outbox.next?.text).toBe('one');
  });
});

function shelf(text?: string): KeptText {
  let kept = text;
  return {
    read: () => kept,
    write: (next) => {
      kept = next;
    },
  };
}

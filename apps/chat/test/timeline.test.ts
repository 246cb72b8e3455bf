import { describe, expect, it } from 'vitest';
import { Timeline } from '../src/page/timeline.ts';
import type { Message } from '../src/shared/wire.ts';

describe('a timeline', () => {
  it('adds what is new at its end, and says what that was', () => {
    const timeline = new Timeline();
    expect(ids(timeline.append([message(1), message(3)]))).toEqual([1, 3]);
    expect(ids(timeline.append([message(3), message(4)]))).toEqual([4]);
    expect(ids(timeline.messages)).toEqual([1, 3, 4]);
    expect([timeline.oldestId, timeline.newestId]).toEqual([1, 4]);
  });

  it('does not take in what lies before its beginning: that would leave a gap', () => {
    const timeline = new Timeline();
    timeline.startOver([message(10)], true);
    expect(timeline.append([message(4)])).toEqual([]);
    expect(ids(timeline.messages)).toEqual([10]);
  });

  it('grows at its beginning when earlier messages come, also if they come twice', () => {
    const timeline = new Timeline();
    timeline.startOver([message(10)], true);
    timeline.prepend([message(8), message(9)], true);
    timeline.prepend([message(8), message(9)], true);
    expect(ids(timeline.messages)).toEqual([8, 9, 10]);
    expect(timeline.hasEarlier).toBe(true);
    timeline.prepend([message(1)], false);
    expect(timeline.hasEarlier).toBe(false);
  });

  it('forgets everything when it starts over', () => {
    const timeline = new Timeline();
    timeline.append([message(1)]);
    timeline.startOver([message(600)], true);
    expect(ids(timeline.messages)).toEqual([600]);
    expect(timeline.hasEarlier).toBe(true);
  });

  it('has neither end without messages', () => {
    const timeline = new Timeline();
    expect([timeline.oldestId, timeline.newestId]).toEqual([undefined, undefined]);
    timeline.prepend([], false);
    expect(timeline.messages).toEqual([]);
  });
});

function message(id: number): Message {
  return { id, clientId: `client-${id}`, author: 'a', name: 'Ada', text: String(id), at: id };
}

function ids(messages: readonly Message[]): number[] {
  return messages.map(({ id }) => id);
}

import { describe, expect, it } from 'vitest';
import { describeEnding } from '../src/client/ending.ts';
import { RoundTrips } from '../src/client/round-trips.ts';

const error = undefined;

describe('how it ended', () => {
  it.each([
    [
      { code: 1000, reason: '', wasClean: true, error },
      true,
      'Closed: 1000 (normal closure), clean',
    ],
    [
      { code: 1013, reason: 'Later', wasClean: true, error },
      false,
      'The server closed the connection: 1013 (try again later) "Later", clean',
    ],
    [
      { code: 1005, reason: '', wasClean: true, error },
      false,
      'The server closed the connection: 1005 (no status received), clean',
    ],
    [
      { code: 1006, reason: '', wasClean: false, error: new Error('read ECONNRESET') },
      false,
      'The connection broke: 1006 (abnormal closure), not clean: read ECONNRESET',
    ],
    [{ code: 3001, reason: '', wasClean: true, error }, true, 'Closed: 3001, clean'],
  ])('is said in a sentence: %o', (info, endedByUs, sentence) => {
    expect(describeEnding(info, endedByUs)).toBe(sentence);
  });
});

describe('round trips', () => {
  it('have the shortest, the one in the middle, and the longest', () => {
    const roundTrips = new RoundTrips();
    expect(String(roundTrips)).toBe('');
    for (const ms of [10, 2, 9]) roundTrips.add(ms);
    expect(String(roundTrips)).toBe('round trip 2.00 ms min, 9.00 ms median, 10.00 ms max');
    roundTrips.add(4);
    expect(String(roundTrips)).toBe('round trip 2.00 ms min, 6.50 ms median, 10.00 ms max');
  });
});

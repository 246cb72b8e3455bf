import { describe, expect, it } from 'vitest';
import { deliveredText, peopleText, progressText } from '../src/page/progress-text.ts';
import { Rate } from '../src/page/rate.ts';
import { byteText } from '../src/shared/byte-text.ts';

describe('a number of bytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [65_536, '65.5 kB'],
    [209_715_200, '210 MB'],
    [999_999, '1 MB'],
    [2 ** 31, '2.1 GB'],
  ])('%i is read as %s', (bytes, text) => {
    expect(byteText(bytes)).toBe(text);
  });
});

describe('a rate', () => {
  it('is known after a while, and looks three seconds back', () => {
    const rate = new Rate();
    expect(rate.perSecond(0)).toBeUndefined();
    rate.note(0, 0);
    rate.note(100, 100);
    expect(rate.perSecond(100)).toBeUndefined();
    rate.note(1_000, 1_000);
    expect(rate.perSecond(1_000)).toBe(1_000);
    rate.note(11_000, 6_000);
    rate.note(13_000, 7_000);
    expect(rate.perSecond(7_000)).toBe(2_000);
  });

  it('is unknown when nothing has gone by lately', () => {
    const rate = new Rate();
    rate.note(0, 0);
    rate.note(1_000, 1_000);
    expect(rate.perSecond(3_500)).toBe(1_000);
    expect(rate.perSecond(4_500)).toBeUndefined();
  });
});

describe('progress', () => {
  it('never says that all is there before it is', () => {
    expect(progressText('sent', 999, 1_000, new Rate())).toBe('99 % sent');
    expect(progressText('sent', 0, 0, new Rate())).toBe('100 % sent');
  });

  it.each([
    [2, 0, '2 people have it, verified.'],
    [1, 2, '1 person has it, verified. 2 people got something different.'],
    [0, 1, '1 person got something different.'],
    [0, 0, 'Nobody has it: everybody left or cancelled.'],
  ])('says what %i who have it and %i who have something else make', (have, different, text) => {
    const receivers = { total: have + different, have, different, slowestBytes: 0 };
    expect(deliveredText(receivers)).toBe(text);
  });

  it('counts people', () => {
    expect(peopleText(1, 'has', 'have')).toBe('1 person has');
    expect(peopleText(2, 'has', 'have')).toBe('2 people have');
  });
});

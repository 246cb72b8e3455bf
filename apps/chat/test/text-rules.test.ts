import { describe, expect, it } from 'vitest';
import { toDisplayName } from '../src/shared/display-name.ts';
import { countCharacters, MAX_NAME_LENGTH, MAX_ROOM_LENGTH } from '../src/shared/limits.ts';
import { toMessageText } from '../src/shared/message-text.ts';
import { roomPath, toRoomName } from '../src/shared/room-name.ts';

describe('the name of a room', () => {
  it.each([
    ['lobby', 'lobby'],
    ['  Weekend Plans! ', 'weekend-plans'],
    ['a--b__c/d', 'a-b-c-d'],
    ['Ada’s room', 'adas-room'],
    ['Köln', 'köln'],
    ['Ko\u0308ln', 'köln'],
    ['カフェ', 'カフェ'],
    ['हिन्दी', 'हिन्दी'],
    ['../../etc/passwd', 'etc-passwd'],
    ['x'.repeat(MAX_ROOM_LENGTH), 'x'.repeat(MAX_ROOM_LENGTH)],
  ])('made of %j is %j, and stays so', (input, name) => {
    expect(toRoomName(input)).toBe(name);
    expect(toRoomName(name)).toBe(name);
  });

  it.each(['', ' ', '---', '😀', 'x'.repeat(MAX_ROOM_LENGTH + 1)])(
    'cannot be made of %j',
    (input) => {
      expect(toRoomName(input)).toBeUndefined();
    },
  );

  it('can be put in a path and read back from it', () => {
    expect(roomPath('köln-süd')).toBe('/r/k%C3%B6ln-s%C3%BCd');
    expect(decodeURIComponent(roomPath('カフェ'))).toBe('/r/カフェ');
  });
});

describe('a name to show', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada \n Lovelace ', 'Ada Lovelace'],
    ['\u202eadA', 'adA'],
    ['A\u0000d\u200ba\ud800', 'Ada'],
    ['👩‍🚀', '👩‍🚀'],
    ['می‌خواهم', 'می‌خواهم'],
    ['<b>', '<b>'],
    ['x'.repeat(MAX_NAME_LENGTH), 'x'.repeat(MAX_NAME_LENGTH)],
  ])('made of %j is %j', (input, name) => {
    expect(toDisplayName(input)).toBe(name);
  });

  it.each(['', '   ', '\u200b\u2060', '\u200d', '\u0301', 'x'.repeat(MAX_NAME_LENGTH + 1)])(
    'cannot be made of %j',
    (input) => {
      expect(toDisplayName(input)).toBeUndefined();
    },
  );
});

describe('the text of a message', () => {
  it.each([
    ['Hello', 'Hello'],
    ['a\r\nb\rc', 'a\nb\nc'],
    ['\n \n  indented\n\n', '  indented'],
    ['tab\there', 'tab\there'],
    ['no\u0000 \u0007bells', 'no bells'],
    ['half a pair \ud83d.', 'half a pair \ufffd.'],
    ['👩‍🚀', '👩‍🚀'],
    [' \n\t ', ''],
  ])('made of %j is %j', (input, text) => {
    expect(toMessageText(input)).toBe(text);
  });
});

describe('counting characters', () => {
  it('counts as a reader would, not in UTF-16', () => {
    expect(countCharacters('añ👋')).toBe(3);
    expect(countCharacters('')).toBe(0);
  });
});

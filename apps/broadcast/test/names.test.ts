import { describe, expect, it } from 'vitest';
import { toDisplayName } from '../src/shared/display-name.ts';
import { toFileName } from '../src/shared/file-name.ts';
import { MAX_FILE_NAME_BYTES, MAX_NAME_LENGTH } from '../src/shared/limits.ts';

describe('the name of a file', () => {
  it.each([
    ['notes.txt', 'notes.txt'],
    ['Räksmörgås å la carte.pdf', 'Räksmörgås å la carte.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system.ini', 'system.ini'],
    ['.profile', 'profile'],
    ['trailing. . ', 'trailing'],
    ['a<b>:"c|d?*.txt', 'a_b___c_d__.txt'],
    ['two\nlines\tand\u0000more', 'two lines andmore'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['family 👩‍👩‍👧.jpg', 'family 👩‍👩‍👧.jpg'],
    ['lone \ud800 surrogate', 'lone surrogate'],
    ['', 'file'],
    ['..', 'file'],
    ['folder/', 'file'],
  ])('%j becomes %j', (input, name) => {
    expect(toFileName(input)).toBe(name);
  });

  it('is shortened by whole characters, and keeps its extension', () => {
    const name = toFileName(`${'語'.repeat(500)}.tar.gz`);
    expect(name).toMatch(/^語+\.gz$/u);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_FILE_NAME_BYTES);
    expect(Buffer.byteLength(name)).toBeGreaterThan(MAX_FILE_NAME_BYTES - 4);
  });

  it('is itself when it is made twice', () => {
    for (const name of ['a/b', 'x'.repeat(999), ' .a', 'a\u202e']) {
      expect(toFileName(toFileName(name))).toBe(toFileName(name));
    }
  });
});

describe('the name of a person', () => {
  it('is one line that can be seen', () => {
    expect(toDisplayName('  Ada \n Lovelace\u202e ')).toBe('Ada Lovelace');
    expect(toDisplayName('x'.repeat(MAX_NAME_LENGTH))).toBeDefined();
    expect(toDisplayName('x'.repeat(MAX_NAME_LENGTH + 1))).toBeUndefined();
    expect(toDisplayName(' \u200b\u2066 ')).toBeUndefined();
  });
});

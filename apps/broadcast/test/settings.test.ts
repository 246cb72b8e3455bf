import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defaultBounds } from '../src/server/bounds.ts';
import { readSettings } from '../src/server/settings.ts';

describe('the settings', () => {
  it('have defaults', () => {
    const bounds = defaultBounds;
    expect(readSettings({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      spoolFolder: tmpdir(),
      bounds,
    });
  });

  it('come from the environment', () => {
    const env = { PORT: '0', HOST: '::', SPOOL_DIR: '/disk', MAX_FILE_BYTES: '5', MAX_PEOPLE: '2' };
    expect(readSettings({ ...env, MAX_SPOOL_BYTES: '9' })).toEqual({
      port: 0,
      host: '::',
      spoolFolder: '/disk',
      bounds: { ...defaultBounds, maxFileBytes: 5, maxSpoolBytes: 9, maxPeople: 2 },
    });
  });

  it.each([
    ['PORT', 'eighty', 'should be a number from 0 to 65535.'],
    ['PORT', '', 'should be a number from 0 to 65535.'],
    ['PORT', '65536', 'should be a number from 0 to 65535.'],
    ['MAX_FILE_BYTES', '2GB', 'should be a whole number above 0.'],
    ['MAX_SPOOL_BYTES', '0', 'should be a whole number above 0.'],
    ['MAX_PEOPLE', '1.5', 'should be a whole number above 0.'],
  ])('say so when %s is %j', (name, value, sentence) => {
    expect(() => readSettings({ [name]: value })).toThrow(`${name} is "${value}", and ${sentence}`);
  });
});

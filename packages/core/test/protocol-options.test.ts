import { describe, expect, it } from 'vitest';
import { DEFAULT_MESSAGE_LIMITS } from '../src/limits.ts';
import { checkOptions } from '../src/protocol-options.ts';
import { rsv1, ScriptedInflater } from './scripted-inflater.ts';

const role = 'server';

describe('What is made of the options of a protocol', () => {
  it('are limits, of which those that are left out have their defaults', () => {
    expect(checkOptions({ role }).limits).toEqual(DEFAULT_MESSAGE_LIMITS);
    const { limits } = checkOptions({ role, limits: { maxFragments: 3 } });
    expect(limits).toEqual({ ...DEFAULT_MESSAGE_LIMITS, maxFragments: 3 });
  });

  it('are the reserved bits that extensions define, of which RSV1 needs an inflater', () => {
    expect(checkOptions({ role }).rsvAllowed).toBe(0);
    const inflater = new ScriptedInflater();
    expect(checkOptions({ role, extensions: rsv1, inflater }).rsvAllowed).toBe(4);
    expect(() => checkOptions({ role, extensions: rsv1 })).toThrow(
      'permessage-deflate needs an inflater',
    );
  });

  it.each([
    [{ limits: { maxFragments: 0 } }, 'limits.maxFragments must be a whole number from 1 to 2^53'],
    [{ limits: { maxMessageBytes: 1.5 } }, 'limits.maxMessageBytes must be a whole number'],
    [
      { limits: { maxMessageBytes: null as unknown as number } },
      'limits.maxMessageBytes must be a whole number',
    ],
    [{ nextMaskingKey: () => 1 }, 'nextMaskingKey belongs to a client'],
  ])('is an error where they are wrong: %o', (options, words) => {
    const wrong = () => checkOptions({ role, ...options });
    expect(wrong).toThrow(words);
    expect(wrong).toThrow(expect.objectContaining({ code: 'WS_INVALID_OPTION' }));
  });

  it('is an error where a client has no masking keys (§5.3)', () => {
    expect(() => checkOptions({ role: 'client' })).toThrow('nextMaskingKey belongs to a client');
    expect(() => checkOptions({ role: 'client', nextMaskingKey: () => 1 })).not.toThrow();
  });
});

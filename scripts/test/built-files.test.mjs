import { describe, expect, it } from 'vitest';
import { builtFileOf, builtFiles } from '../matrix/built-files.mjs';

describe('a file of the Node matrix', () => {
  it('is the built one for each source of a package', () => {
    expect(builtFileOf('/x/packages/core/src/handshake/origin.ts')).toBe(
      '/x/packages/core/dist/handshake/origin.js',
    );
  });

  it('is itself for everything else', () => {
    expect(builtFileOf('/x/packages/core/test/origin.test.ts')).toBeUndefined();
    expect(builtFileOf('/x/packages/core/dist/origin.js')).toBeUndefined();
    expect(builtFileOf('/x/apps/chat/src/main.ts')).toBeUndefined();
  });

  it('is never a source, however it was found', () => {
    const { load } = builtFiles();
    expect(() => load('/x/packages/core/src/origin.ts?import')).toThrow('this is a source');
    expect(load('/x/packages/core/test/origin.test.ts')).toBeUndefined();
  });
});

import { expect, it } from 'vitest';
import * as compat from '../src/compat/index.ts';
import * as exported from '../src/index.ts';

it('exports these names, and no others', () => {
  expect(Object.keys(exported).toSorted()).toEqual(['inject', 'websocket', 'ws']);
});

it('exports one function for users of express-ws, under the names by which it may be looked for', () => {
  expect(Object.keys(compat).toSorted()).toEqual(['default', 'expressWs', 'module.exports']);
  expect(new Set(Object.values(compat)).size).toBe(1);
});

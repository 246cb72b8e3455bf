import { expect, it } from 'vitest';
import { octetAt } from '../src/octet.ts';
import { fromHex } from './hex.ts';

it('octetAt reads one octet', () => {
  expect([0, 1, 2].map((offset) => octetAt(fromHex('00 7f ff'), offset))).toEqual([0, 127, 255]);
});

import { expect, it } from 'vitest';
import { currentTurn } from '../src/turn.ts';
import { turn } from './turns.ts';

it('The number of a turn is the same all through it, and another in the next', async () => {
  const first = currentTurn();
  await Promise.resolve();
  await new Promise((resolve) => process.nextTick(resolve));
  expect(currentTurn()).toBe(first);
  await turn();
  const second = currentTurn();
  expect(second).not.toBe(first);
  expect(currentTurn()).toBe(second);
});

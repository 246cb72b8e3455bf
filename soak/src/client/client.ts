import { setTimeout as sleep } from 'node:timers/promises';
import { playHastySession } from './hasty-session.ts';
import { playSession } from './session.ts';
import type { Surroundings } from './surroundings.ts';

/** How long a client waits that could not connect. */
const AGAIN_MS = 500;

/** A client that behaves well: it connects, again and again, until it is told to stop. */
export async function runClient(surroundings: Surroundings): Promise<void> {
  const { dice, name, stop, tally } = surroundings;
  while (!stop.aborted) {
    const play = dice.chance(0.1) ? playHastySession : playSession;
    try {
      await play(surroundings);
    } catch (error) {
      tally.fault('refused', `${name}: ${error}`);
      await sleep(AGAIN_MS);
    }
  }
}

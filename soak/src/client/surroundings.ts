import type { Dice } from './dice.ts';
import type { Tally } from './tally.ts';

/** What one well-behaved client has to know. */
export interface Surroundings {
  readonly name: string;
  readonly port: number;
  /** Where messages are echoed. */
  readonly path: string;
  readonly dice: Dice;
  readonly tally: Tally;
  /** The most between two messages, in milliseconds; half of it on the average. */
  readonly pauseMs: number;
  /** How long anything may take beside all that the others do to the server, in milliseconds. */
  readonly patienceMs: number;
  /** When it aborts, the client leaves as it should. */
  readonly stop: AbortSignal;
}

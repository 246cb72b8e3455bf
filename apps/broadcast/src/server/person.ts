import type { ServerMessage } from '../shared/wire.ts';
import type { Feeder } from './feeder.ts';

/** Somebody who has the page open: one connection. */
export interface Person {
  readonly id: number;
  name: string;
  /** Sends the files that others send. */
  readonly feeder: Feeder;
  /** Must neither throw nor wait. */
  send(message: ServerMessage): void;
}

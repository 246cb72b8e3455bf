import { applicationAttacks } from './application.ts';
import type { Attack } from './attack.ts';
import { bombAttacks } from './bombs.ts';
import { floodAttacks } from './floods.ts';
import { frameAttacks } from './frames.ts';
import { handshakeAttacks } from './handshake.ts';
import { readerAttacks } from './readers.ts';
import { resetAttacks } from './resets.ts';
import { textAttacks } from './text.ts';

export type { Attack, Target } from './attack.ts';

/** All that hostile peers do. */
export const attacks: readonly Attack[] = [
  ...handshakeAttacks,
  ...frameAttacks,
  ...floodAttacks,
  ...readerAttacks,
  ...resetAttacks,
  ...bombAttacks,
  ...textAttacks,
  ...applicationAttacks,
];

import { type LimitName, limitNames } from '../connection/limit-name.ts';
import type { UpgradeOutcome } from './upgrade-host.ts';

/** What has happened to a server's handshakes and connections since its start. */
export class Tally {
  readonly outcomes: Record<UpgradeOutcome, number> = {
    opened: 0,
    refused: 0,
    abandoned: 0,
    left: 0,
  };
  readonly limited: Record<LimitName, number>;

  constructor() {
    const counts = limitNames.map((name) => [name, 0]);
    this.limited = Object.fromEntries(counts) as Record<LimitName, number>;
  }
}

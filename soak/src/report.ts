import type { AttackReport } from './client/attackers.ts';
import type { Latency, Totals } from './client/tally.ts';
import type { ServerStats } from './server-stats.ts';

/** What a soak run has seen. */
export interface SoakReport {
  readonly clients: Totals;
  readonly quiet: Latency;
  readonly attacked: Latency;
  readonly attacks: AttackReport;
  /** The server before a client has come. */
  readonly fresh: ServerStats;
  /** The server with all clients, before the attack and after it, and without a client at the end. */
  readonly start: ServerStats;
  readonly end: ServerStats;
  readonly empty: ServerStats;
  /** The most memory that the server ever had, in bytes. */
  readonly peakBytes: number;
}

/**
 * By how much what lives may have grown: from before the attack to after it for each client, which gets what it
 * compresses with by its first long message; and from before the first client to after the last, for code and pools.
 */
export const MEMORY_GROWTH = { eachClient: 32 * 1_024, whole: 32 * 2 ** 20 };

/** What lives in a server's memory: V8's heap, and buffers and zlib beside it. */
export function liveBytes({ memory }: ServerStats): number {
  return memory.heapUsed + memory.external;
}

/** Errors and warnings, of the server and of the clients, that nobody caught, or that should not be. */
export function unhandledErrors({ clients, empty }: SoakReport): number {
  const counted = empty.uncaughtExceptions + empty.unhandledRejections + empty.warnings;
  // What the routes complain about is counted by the list alone.
  return Math.max(counted, empty.troubles.length) + clients.unhandled;
}

/** All that is wrong, by name and number; empty if nothing is. */
export function faultsIn(report: SoakReport): readonly string[] {
  const { attacks, clients, empty } = report;
  const counts = {
    'messages lost': clients.lost,
    'messages corrupted': clients.corrupted,
    'messages repeated': clients.repeated,
    'wrong closes': clients.wrongCloses,
    'connections refused': clients.refused,
    'unhandled errors': unhandledErrors(report),
    'unexpected outcomes of attacks': attacks.unexpected,
    'connections left': empty.connections,
    'bytes left to send': empty.echo.bufferedBytes + empty.routed.bufferedBytes,
    'handshakes left': empty.echo.pendingUpgrades + empty.routed.pendingUpgrades,
  };
  const faults = Object.entries(counts)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${name}: ${count}`);
  for (const [name, count] of Object.entries(attacks.played)) {
    if (count === 0) faults.push(`never played to its end: ${name}`);
  }
  if (clients.received === 0) faults.push('nothing was said at all');
  return [...faults, ...memoryFaults(report)];
}

function memoryFaults({ empty, end, fresh, start }: SoakReport): readonly string[] {
  const { eachClient, whole } = MEMORY_GROWTH;
  const attack = liveBytes(end) - liveBytes(start);
  const left = liveBytes(empty) - liveBytes(fresh);
  const faults = [];
  if (attack > whole + eachClient * end.connections) {
    faults.push(`the attack has left ${attack} bytes`);
  }
  if (left > whole) faults.push(`everybody has left ${left} bytes`);
  return faults;
}

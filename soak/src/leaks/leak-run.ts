import { getEventListeners } from 'node:events';
import { type Footprint, takeFootprint } from './footprint.ts';
import { LeakServerProcess } from './leak-server-process.ts';
import { type Place, visits } from './visits.ts';

export interface LeakOptions {
  readonly connections: number;
  /** How often is looked at what is left, 2 and more: after a fifth of the run first, and at its end last. */
  readonly looks: number;
  /** The program of the server. */
  readonly server: string;
  /** Called after each look. */
  onLap?(lap: Lap): void;
}

/** What both sides hold after so many connections. */
export interface Lap {
  readonly connections: number;
  readonly client: Footprint;
  readonly server: Footprint;
}

/** So much of the run fills pools and caches, and has code compiled. */
const WARM_UP = 0.2;

/** How many connections there are at once: a burst is not a leak, but its memory is noise. */
const AT_ONCE = 32;

/** Opens and closes connections in every way there is, and tells what they have left. */
export async function runLeaks(options: LeakOptions): Promise<readonly Lap[]> {
  const { connections, looks, onLap } = options;
  const server = await LeakServerProcess.start(options.server);
  // All connections of the run share it: what does not take its listener back, is found at it.
  const { signal } = new AbortController();
  const laps: Lap[] = [];
  let done = 0;
  try {
    for (let look = 0; look < looks; look++) {
      const share = WARM_UP + ((1 - WARM_UP) * look) / (looks - 1);
      const due = Math.round(connections * share);
      await visitAll({ port: server.port, signal }, due - done);
      done = due;
      const lap = { connections: done, ...(await lookAt(server, signal)) };
      laps.push(lap);
      onLap?.(lap);
    }
  } finally {
    await server.stop();
  }
  return laps;
}

async function lookAt(
  process: LeakServerProcess,
  signal: AbortSignal,
): Promise<Pick<Lap, 'client' | 'server'>> {
  const listeners = getEventListeners(signal, 'abort').length;
  const [client, server] = await Promise.all([
    takeFootprint({ 'listeners of the signal': listeners }),
    process.footprint(),
  ]);
  return { client, server };
}

async function visitAll(place: Place, count: number): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) await visits[begun++ % visits.length]?.(place);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

import type { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Connection } from '@heddle/node';

/** What a process holds once its garbage is collected. */
export interface Footprint {
  readonly heapBytes: number;
  /** Listeners, timers, sockets and whatever else is counted, by what it is. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What is freed by another thread, or by a finalizer, is not free at once. */
const COLLECTIONS = 4;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Timers are of a class that Node does not export: this is what tells one that is lost from one that runs. */
const Timeout = timeoutClass();

/** Collects the garbage, and counts what is left, with `beside` for what only the caller can count. */
export async function takeFootprint(beside: Footprint['counts'] = {}): Promise<Footprint> {
  for (let round = 0; round < COLLECTIONS; round++) {
    await nextTurn();
    collectGarbage();
  }
  const counts = {
    connections: queryObjects(Connection, { format: 'count' }),
    sockets: queryObjects(Socket, { format: 'count' }),
    timers: queryObjects(Timeout, { format: 'count' }),
    'active resources': process.getActiveResourcesInfo().length,
    'file descriptors': openFiles(),
    'listeners of process': listenersOf(process),
    ...beside,
  };
  return { heapBytes: process.memoryUsage().heapUsed, counts };
}

/** How many listeners an emitter has, of whatever event. */
export function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

/** Where there is no `/proc`, what keeps the loop alive is all that can be counted. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

function timeoutClass(): new () => NodeJS.Timeout {
  const timer = setTimeout(() => {}, 0);
  clearTimeout(timer);
  return timer.constructor as new () => NodeJS.Timeout;
}

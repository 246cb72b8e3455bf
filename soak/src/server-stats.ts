import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Sockets, SocketsStats } from '@heddle/node';

/** What the server says of itself: `GET /stats`, and `GET /stats?collect` with the garbage collected first. */
export interface ServerStats {
  /** WebSockets that are open or closing, of all routes. */
  readonly connections: number;
  /** The counters of `/echo`. */
  readonly echo: SocketsStats;
  /** The counters of all other routes. */
  readonly routed: SocketsStats;
  readonly memory: NodeJS.MemoryUsage;
  /** Exceptions that nobody caught, which would have ended another program. */
  readonly uncaughtExceptions: number;
  readonly unhandledRejections: number;
  /** Warnings of the process, but for those about a `Fault`. */
  readonly warnings: number;
  /** What the routes have thrown on purpose, and Heddle has handed to `onError` or to a warning. */
  readonly faults: number;
  /** The first of everything above that should not have happened, and what the routes found to be wrong. */
  readonly troubles: readonly string[];
}

/** The same, as the server's process answers it. */
export interface ProcessStats extends ServerStats {
  /** TCP connections, the one that asks among them. */
  readonly tcpConnections: number;
}

/** What a route throws on purpose. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

/** Enough to see what is wrong, and a bound. */
const MAX_TROUBLES = 20;

/** What goes wrong in this process: it is counted, and the process goes on. */
export class Troubles {
  readonly #seen: string[] = [];
  readonly #counts = { uncaughtExceptions: 0, unhandledRejections: 0, warnings: 0, faults: 0 };

  /** Counts all that happens from now on. */
  watch(): void {
    process.on('uncaughtException', (error, origin) => {
      // Node says of both with this one event.
      if (origin === 'unhandledRejection') this.#counts.unhandledRejections += 1;
      else this.#counts.uncaughtExceptions += 1;
      this.add(`${origin}: ${error.stack ?? error}`);
    });
    process.on('warning', (warning) => {
      if (warning instanceof Fault) this.#counts.faults += 1;
      else this.warn(warning);
    });
  }

  /** What the application threw, or rejected with, at an open connection. */
  readonly onError = (error: unknown): void => {
    if (error instanceof Fault) this.#counts.faults += 1;
    else this.add(`onError: ${error instanceof Error ? error.stack : error}`);
  };

  /** Something that should not have happened. */
  add(trouble: string): void {
    if (this.#seen.length < MAX_TROUBLES) this.#seen.push(trouble);
  }

  warn(warning: Error): void {
    this.#counts.warnings += 1;
    this.add(`warning: ${warning.stack ?? warning}`);
  }

  stats(echo: Sockets, routed: Sockets): ServerStats {
    const [ofEcho, ofRouted] = [echo.stats(), routed.stats()];
    return {
      connections: ofEcho.connections + ofRouted.connections,
      echo: ofEcho,
      routed: ofRouted,
      memory: process.memoryUsage(),
      ...this.#counts,
      troubles: [...this.#seen],
    };
  }
}

/** Has the garbage collected, which `--expose-gc` is for, from here on. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

import type { ResolvedOptions } from '../options.ts';
import type { AnyConnection } from './connection.ts';
import type { LimitName } from './limit-name.ts';

/** The server that a connection belongs to; a client's has none. */
export interface ConnectionHost {
  /** Told of the end before the application is. */
  closed(connection: AnyConnection, options: ResolvedOptions): void;
  /** A limit has done something to a connection. */
  limited(limit: LimitName): void;
  /** So many bytes more are held for a connection, or fewer. */
  held(change: number): void;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyConnection } from '../connection/connection.ts';
import type { ResolvedOptions } from '../options.ts';
import type { HttpRefusal } from './http-refusal.ts';
import type { UpgradeAttempt } from './upgrade-attempt.ts';

/** The application: whatever answers a server's requests. */
export type Dispatch = (request: IncomingMessage, response: ServerResponse) => unknown;

/** How an upgrade ended: `left` to another listener, `abandoned` by its client. */
export type UpgradeOutcome = 'opened' | 'refused' | 'abandoned' | 'left';

/** What an attempt needs of the `Sockets` that it belongs to. */
export interface UpgradeHost {
  readonly options: ResolvedOptions;
  /** Why no connection can open now, if none can. */
  unavailable(): HttpRefusal | undefined;
  /** The options of a route, over those of the server. Throws `UsageError` `WS_INVALID_OPTION`. */
  resolve(given: object): ResolvedOptions;
  /** Called once, before the connection's handler is. */
  opened(connection: AnyConnection, options: ResolvedOptions): void;
  /** Called once it is closed, before its listeners are. */
  closed(connection: AnyConnection, options: ResolvedOptions): void;
  /** Called once; after `opened` and the handler, if they are called. */
  settled(attempt: UpgradeAttempt, outcome: UpgradeOutcome): void;
}

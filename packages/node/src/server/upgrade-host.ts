import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyConnection } from '../connection/connection.ts';
import type { ConnectionHost } from '../connection/connection-host.ts';
import type { ResolvedOptions } from '../options.ts';
import type { Leave } from './address-places.ts';
import type { HttpRefusal } from './http-refusal.ts';
import type { UpgradeAttempt } from './upgrade-attempt.ts';

/** The application: whatever answers a server's requests. */
export type Dispatch = (request: IncomingMessage, response: ServerResponse) => unknown;

/** How an upgrade ended: `left` to another listener, `abandoned` by its client. */
export type UpgradeOutcome = 'opened' | 'refused' | 'abandoned' | 'left';

/** What an attempt needs of the `Sockets` that it belongs to. */
export interface UpgradeHost extends ConnectionHost {
  readonly options: ResolvedOptions;
  /** Why no connection can open now, if none can. */
  unavailable(): HttpRefusal | undefined;
  /** The options of a route, over those of the server. Throws `UsageError` `WS_INVALID_OPTION`. */
  resolve(given: object): ResolvedOptions;
  /** A place for one more connection of a client. Throws `HandshakeError` `WS_HANDSHAKE_ADDRESS`. */
  admit(request: IncomingMessage, address: string | undefined): Leave;
  /** Called once, before the connection's handler is; `leave` is for when it is gone. */
  opened(connection: AnyConnection, options: ResolvedOptions, leave: Leave): void;
  /** Called once; after `opened` and the handler, if they are called. */
  settled(attempt: UpgradeAttempt, outcome: UpgradeOutcome): void;
}

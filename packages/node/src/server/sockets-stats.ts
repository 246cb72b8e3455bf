import type { LimitName } from '../connection/limit-name.ts';

/** The counters of a server, for whoever watches it. */
export interface SocketsStats {
  /** Open or closing now. */
  readonly connections: number;
  /** Handshakes that the application has not answered yet. */
  readonly pendingUpgrades: number;
  /** What waits to be sent, over all connections. */
  readonly bufferedBytes: number;
  /** What is held for all connections, themselves included: what `limits.maxServerRetainedBytes` is about. */
  readonly retainedBytes: number;
  /** Connections since the start. */
  readonly opened: number;
  /** Handshakes answered with another status than 101 since the start. */
  readonly refused: number;
  /** Handshakes whose client left before the answer since the start. */
  readonly abandoned: number;
  /** How often each limit has done something since the start: refused, closed, paused, or dropped a message. */
  readonly limited: Readonly<Record<LimitName, number>>;
}

import { ProtocolError } from '@heddle/core';
import { type AnyConnection, dropHeld, recount } from '../connection/connection.ts';

/**
 * What an open connection takes of the process's memory when nothing is held for it, in bytes: Node's socket
 * and request, and ours. `test/server/server-budget.integration.test.ts` measures it.
 */
export const CONNECTION_BYTES = 10 * 1024;

/**
 * A recount looks at all connections. So it waits until so much of the limit more may be held; and until so long
 * after the last one, in milliseconds, where it is about a new connection.
 */
const SLACK = 1 / 64;
const RECOUNT_MS = 100;

/**
 * What is held for all connections of a server, and its bound. Connections tell of changes where that costs
 * nothing, so the sum may be too high, and is counted anew before anything is done about it.
 */
export class ServerBudget {
  readonly #maxBytes: number;
  readonly #connections: ReadonlySet<AnyConnection>;
  #held = 0;
  /** The sum above which it is time to count anew. */
  #mark: number;
  #counting = false;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(maxBytes: number, connections: ReadonlySet<AnyConnection>) {
    this.#maxBytes = maxBytes;
    this.#mark = maxBytes;
    this.#connections = connections;
  }

  /** All that is held, the connections themselves included, in bytes. */
  get bytes(): number {
    return this.#held + this.#connections.size * CONNECTION_BYTES;
  }

  /** Whether another connection would be too much. */
  get full(): boolean {
    const stale = performance.now() - this.#countedAt > RECOUNT_MS;
    if (this.#isFull() && stale) this.#enforce();
    return this.#isFull();
  }

  /** So much more is held, or less. */
  change(bytes: number): void {
    this.#held += bytes;
    if (bytes > 0 && this.bytes > this.#mark && !this.#counting) this.#enforce();
  }

  /** Counts anew, and ends those for which most is held until the rest fits. */
  #enforce(): void {
    this.#counting = true;
    for (const connection of this.#connections) recount(connection);
    // Who is closing already may have told the peer why, and still hold what the kernel does not take.
    for (const state of ['open', 'closing']) {
      for (const connection of this.bytes > this.#maxBytes ? this.#greediest(state) : []) {
        if (this.bytes <= this.#maxBytes) break;
        dropHeld(connection, new ProtocolError('WS_SERVER_RETAINED_TOO_MUCH'));
        recount(connection);
      }
    }
    this.#mark = Math.max(this.#maxBytes, this.bytes) + this.#maxBytes * SLACK;
    this.#counting = false;
    this.#countedAt = performance.now();
  }

  #isFull(): boolean {
    return this.bytes + CONNECTION_BYTES > this.#maxBytes;
  }

  #greediest(state: string): readonly AnyConnection[] {
    return [...this.#connections]
      .filter((connection) => connection.state === state && connection.retainedBytes > 0)
      .sort((one, other) => other.retainedBytes - one.retainedBytes);
  }
}

import type { Protocol } from '@heddle/core';
import type { ConnectionHost } from './connection-host.ts';
import type { Inbox } from './inbox.ts';
import type { Outbox } from './outbox.ts';

/** What is held for one connection, in bytes, with a fixed overhead for each object; its server is told. */
export class Holdings {
  readonly #protocol: Protocol;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #host: ConnectionHost | undefined;
  /** What the host was told last. */
  #told = 0;

  constructor(protocol: Protocol, outbox: Outbox, inbox: Inbox, host: ConnectionHost | undefined) {
    this.#protocol = protocol;
    this.#outbox = outbox;
    this.#inbox = inbox;
    this.#host = host;
  }

  get bytes(): number {
    return this.becauseOfThePeer + this.#outbox.bufferedBytes;
  }

  /** Of that what is not to be sent: the windows of compression, what is arriving, and what has arrived and waits. */
  get becauseOfThePeer(): number {
    return this.#protocol.retainedBytes + this.#outbox.retainedBytes + this.#inbox.bytes;
  }

  /** Tells the host what has changed. */
  report(): void {
    if (this.#host !== undefined) this.#tell(this.bytes);
  }

  /** The connection is gone. */
  release(): void {
    this.#tell(0);
  }

  #tell(bytes: number): void {
    const change = bytes - this.#told;
    if (change === 0) return;
    // First: the host may ask for all reports.
    this.#told = bytes;
    this.#host?.held(change);
  }
}

import { ProtocolError } from '@heddle/core';
import type { Outbox } from './outbox.ts';
import type { Wire } from './wire.ts';

/** §7.1.1: TCP gets so long to end once one side has closed, and is then dropped. */
export class ClosingDeadline {
  readonly #timeoutMs: number;
  readonly #outbox: Pick<Outbox, 'cutOff'>;
  readonly #wire: Pick<Wire, 'destroy'>;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, outbox: Pick<Outbox, 'cutOff'>, wire: Pick<Wire, 'destroy'>) {
    this.#timeoutMs = timeoutMs;
    this.#outbox = outbox;
    this.#wire = wire;
  }

  start(): void {
    this.#timer ??= setTimeout(() => {
      // Not before what has come meanwhile is read: it may be we who were late.
      setImmediate(() => {
        const late = new ProtocolError('WS_CLOSING_TIMEOUT');
        this.#outbox.cutOff(late);
        setImmediate(() => this.#wire.destroy(late));
      });
    }, this.#timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

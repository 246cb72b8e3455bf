import { ClosedError, type Protocol } from '@heddle/core';
import { Deferred } from '../deferred.ts';

/** Measures round trips. One ping is under way at a time: those who ask meanwhile share its answer. */
export class Pinger {
  readonly #protocol: Pick<Protocol, 'ping'>;
  #pending:
    | { readonly payload: Buffer; readonly sentAt: number; answer: Deferred<number> }
    | undefined;
  #count = 0;
  /** The last round trip, in milliseconds. */
  latencyMs: number | undefined;

  constructor(protocol: Pick<Protocol, 'ping'>) {
    this.#protocol = protocol;
  }

  /** Resolves with the round trip in milliseconds; rejects with `ClosedError`. */
  ping(): Promise<number> {
    if (this.#pending !== undefined) return this.#pending.answer.promise;
    const payload = Buffer.allocUnsafeSlow(4);
    payload.writeUInt32BE(++this.#count % 2 ** 32);
    this.#pending = { payload, sentAt: performance.now(), answer: new Deferred() };
    this.#protocol.ping(payload);
    return this.#pending.answer.promise;
  }

  /** The answer where nothing can be asked any more. */
  refuse(): Promise<number> {
    const answer = new Deferred<number>();
    answer.reject(new ClosedError());
    return answer.promise;
  }

  /** §5.5.3: a pong carries the ping's "Application data"; any other one answers nothing. */
  pong(payload: Uint8Array): void {
    const pending = this.#pending;
    if (pending === undefined || !pending.payload.equals(payload)) return;
    this.#pending = undefined;
    this.latencyMs = performance.now() - pending.sentAt;
    pending.answer.resolve(this.latencyMs);
  }

  close(cause: unknown): void {
    this.#pending?.answer.reject(new ClosedError(cause));
    this.#pending = undefined;
  }
}

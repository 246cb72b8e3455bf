import type { ClientMessage, Refusal } from '../shared/wire.ts';
import type { Outbox } from './outbox.ts';

/**
 * Brings the messages of an outbox to the server: one at a time, so that they arrive in the order in
 * which they were written, and each again on every connection until it is known to be there.
 */
export class Delivery {
  readonly #outbox: Outbox;
  readonly #send: (message: ClientMessage) => boolean;
  #inFlight: string | undefined;
  #pauseTimer: ReturnType<typeof setTimeout> | undefined;

  /** `send` returns false if it could not send; then the delivery waits for `start`. */
  constructor(outbox: Outbox, send: (message: ClientMessage) => boolean) {
    this.#outbox = outbox;
    this.#send = send;
  }

  /** Sends the message whose turn it is, unless another is on its way or the room wants a pause. */
  start(): void {
    if (this.#inFlight !== undefined || this.#pauseTimer !== undefined) return;
    const next = this.#outbox.next;
    if (next === undefined) return;
    const { clientId, text } = next;
    if (this.#send({ type: 'say', clientId, text })) this.#inFlight = clientId;
  }

  /** The message is in the room, however the page has learned of it. */
  settle(clientId: string): void {
    this.#outbox.remove(clientId);
    if (this.#inFlight === clientId) this.#inFlight = undefined;
  }

  /** Heeds a refusal, if it is about a message: that one waits, or is left to its author. */
  heed({ code, clientId, message, retryAfterMs = 1_000 }: Refusal): void {
    // An answer that names no message can only be about the one that is on its way.
    const refused = clientId ?? (code === 'bad_message' ? this.#inFlight : undefined);
    if (refused === undefined) return;
    this.#inFlight = undefined;
    if (code === 'too_fast') this.#pause(retryAfterMs);
    else this.#outbox.refuse(refused, message);
    this.start();
  }

  /** The connection is gone, and with it whatever was on its way. */
  stop(): void {
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = undefined;
    this.#inFlight = undefined;
  }

  #pause(ms: number): void {
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      this.start();
    }, ms);
  }
}

import { ClosedError, type Connection } from '@heddle/node';
import type { Output } from './output.ts';

/**
 * Sends messages and passes the answers on, both at once: whoever sends everything first and reads
 * then has filled every buffer between the two before the end, and waits for ever.
 *
 * It holds back on both sides. Input is read no faster than the server takes it, and answers are read
 * no faster than the output takes them; a server that does the same is held back, and so is the input.
 */
export class Exchange {
  readonly #socket: Connection;
  readonly #output: Output;
  readonly #waitMs: number;
  #sent = 0;
  #answered = 0;
  #allSent = false;
  #writing = false;
  #endedByUs = false;
  #patience: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(socket: Connection, output: Output, waitMs: number) {
    this.#socket = socket;
    this.#output = output;
    this.#waitMs = waitMs;
  }

  get sent(): number {
    return this.#sent;
  }

  /** How many messages have no answer. */
  get unanswered(): number {
    return Math.max(0, this.#sent - this.#answered);
  }

  /** Whether there was nothing more to wait for, or no more patience. */
  get endedByUs(): boolean {
    return this.#endedByUs;
  }

  /** What reading `input` failed with: what came before that was sent all the same. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Closes when each message has its answer. Resolves when the connection has ended. */
  async run(input: AsyncIterable<string | Buffer>): Promise<void> {
    void this.#sendAll(input);
    for await (const answer of this.#socket) {
      this.#answered += 1;
      clearTimeout(this.#patience);
      // Until the output takes more, it is not the server that lets us wait.
      this.#writing = true;
      await this.#output.write(typeof answer === 'string' ? `${answer}\n` : answer);
      this.#writing = false;
      this.#finish();
    }
    clearTimeout(this.#patience);
    await this.#socket.closed;
  }

  async #sendAll(input: AsyncIterable<string | Buffer>): Promise<void> {
    try {
      await this.#send(input);
    } catch (error) {
      // The connection's end ends the reading, too; `closed` tells of it.
      if (!(error instanceof ClosedError) && this.#socket.state === 'open') this.#failure = error;
    }
    this.#allSent = true;
    this.#finish();
  }

  async #send(input: AsyncIterable<string | Buffer>): Promise<void> {
    for await (const message of input) {
      if (this.#socket.state !== 'open') return;
      this.#sent += 1;
      if (!this.#socket.send(message)) await this.#socket.drained();
    }
    await this.#socket.drained();
  }

  #finish(): void {
    if (!this.#allSent || this.#writing || this.#socket.state !== 'open') return;
    if (this.unanswered === 0) this.#close();
    else this.#patience = setTimeout(() => this.#close(), this.#waitMs);
  }

  #close(): void {
    this.#endedByUs = true;
    void this.#socket.close();
  }
}

import type { Protocol } from '@heddle/core';

/** Who is told how the reading goes. */
export interface IntakeListener {
  /** Reading begins; everything that is sent until it has stopped leaves in one write. */
  beginTurn(): void;
  endTurn(): void;
  /** So many bytes more have been read, or none, and more of what was read before has been worked off. */
  read(byteLength: number): void;
  /** The peer has ended its half, and all that came before has been read. */
  ended(): void;
}

/**
 * What the transport has delivered, on its way into the protocol. That may stop within a chunk, because
 * a message is still being inflated or the application wants no more; what follows waits here then.
 * The transport must be paused meanwhile: only what it delivers within the turn can come on top.
 */
export class Intake {
  readonly #protocol: Protocol;
  readonly #listener: IntakeListener;
  readonly #chunks: Buffer[] = [];
  #reading = false;
  #endWaits = false;

  constructor(protocol: Protocol, listener: IntakeListener) {
    this.#protocol = protocol;
    this.#listener = listener;
  }

  /** Whether it is at work: what is asked of it then is seen to at the end of the turn. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Whether something that came waits to be read. */
  get unfinished(): boolean {
    return this.#protocol.suspended || this.#chunks.length > 0 || this.#endWaits;
  }

  /** `lent` bytes are somebody else's again when this returns. */
  deliver(chunk: Buffer, lent: boolean): void {
    // A stream in memory may deliver the answer to what a listener sends before that returns.
    if (this.#reading || this.#protocol.suspended) {
      this.#chunks.push(lent ? Buffer.from(chunk) : chunk);
      return;
    }
    this.#reading = true;
    this.#listener.beginTurn();
    this.#receive(chunk, lent);
    this.#readChunks();
  }

  /** The peer has ended its half, behind what was delivered. */
  end(): void {
    this.#endWaits = this.#protocol.suspended || this.#chunks.length > 0;
    if (!this.#endWaits) this.#listener.ended();
  }

  /** Reads what has been delivered, as far as it goes, from where it stopped. */
  readOn(): void {
    this.#reading = true;
    this.#listener.beginTurn();
    this.#protocol.resume();
    this.#listener.read(0);
    this.#readChunks();
  }

  #receive(chunk: Buffer, lent: boolean): void {
    this.#protocol.receive(chunk, lent);
    this.#listener.read(chunk.byteLength);
  }

  #readChunks(): void {
    while (this.#chunks.length > 0 && !this.#protocol.suspended) {
      this.#receive(this.#chunks.shift() as Buffer, false);
    }
    this.#reading = false;
    this.#listener.endTurn();
    if (this.#endWaits) this.end();
  }
}

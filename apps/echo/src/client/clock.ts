import type { Connection } from '@heddle/node';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { RoundTrips, shown } from './round-trips.ts';

/** Sent times whose answers may still come; a server that never answers costs no more. */
const MAX_AWAITED = 100;

/** Sends the time every second, and prints each answer with the round trip. */
export class Clock {
  readonly #socket: Connection;
  readonly #output: Output;
  readonly #roundTrips = new RoundTrips();
  /** When each time was sent that has not come back. */
  readonly #awaited = new Map<string, number>();
  #sent = 0;
  #received = 0;

  constructor(socket: Connection, output: Output) {
    this.#socket = socket;
    this.#output = output;
  }

  /** Resolves when the connection has ended. After `enough` nothing more is sent. */
  async run(enough: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#send(), 1_000);
    enough.addEventListener('abort', () => clearInterval(timer));
    this.#send();
    // One at a time: a server that sends without end fills no memory of ours.
    for await (const message of this.#socket) await this.#output.write(this.#receive(message));
    clearInterval(timer);
    await this.#socket.closed;
  }

  summary(): string {
    const counts = `${this.#sent} sent, ${this.#received} received`;
    return this.#roundTrips.count === 0 ? counts : `${counts}; ${this.#roundTrips}`;
  }

  #send(): void {
    const time = new Date().toISOString();
    const [oldest] = this.#awaited.keys();
    if (oldest !== undefined && this.#awaited.size >= MAX_AWAITED) this.#awaited.delete(oldest);
    this.#awaited.set(time, performance.now());
    this.#sent += 1;
    this.#socket.send(time);
  }

  /** The line to print for an answer. */
  #receive(message: string | Buffer): string {
    const now = performance.now();
    const text = message.toString();
    const sentAt = this.#awaited.get(text);
    this.#received += 1;
    if (sentAt === undefined) return `${printable(text)}  (not what was sent)\n`;
    this.#awaited.delete(text);
    this.#roundTrips.add(now - sentAt);
    return `${text}  ${shown(now - sentAt)}\n`;
  }
}

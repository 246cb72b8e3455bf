import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks';

/** How a connection was parted from. */
export type Parting = 'closed' | 'killed' | 'half-closed' | 'closed in haste';

/** What well-behaved clients have seen since they began. */
export interface Totals {
  readonly connections: number;
  readonly partings: Readonly<Record<Parting, number>>;
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly corrupted: number;
  readonly repeated: number;
  /** Connections that ended by themselves, with another code than they should, or not at all. */
  readonly wrongCloses: number;
  /** Connections that could not be opened. */
  readonly refused: number;
  /** Errors in the clients' own process that nobody caught, and warnings. */
  readonly unhandled: number;
  /** The first things that went wrong, in words. */
  readonly failures: readonly string[];
}

/** The time from a message to its echo, in milliseconds, since the last time that somebody asked. */
export interface Latency {
  readonly messages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** By how much the generator's own event loop was late, p99: what is not the server's. */
  readonly ownP99Ms: number;
}

type Count = Exclude<keyof Totals, 'partings' | 'failures'>;
type Fault = 'lost' | 'corrupted' | 'repeated' | 'wrongCloses' | 'refused' | 'unhandled';

const MAX_FAILURES = 20;
const NANOSECONDS = 1e6;

/** Adds up what all clients of a process see. */
export class Tally {
  readonly #counts: Record<Count, number> = {
    connections: 0,
    sent: 0,
    received: 0,
    lost: 0,
    corrupted: 0,
    repeated: 0,
    wrongCloses: 0,
    refused: 0,
    unhandled: 0,
  };
  readonly #partings: Record<Parting, number> = {
    closed: 0,
    killed: 0,
    'half-closed': 0,
    'closed in haste': 0,
  };
  readonly #failures: string[] = [];
  readonly #latency: RecordableHistogram = createHistogram();
  readonly #ownDelay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#ownDelay.enable();
  }

  get totals(): Totals {
    return { ...this.#counts, partings: { ...this.#partings }, failures: [...this.#failures] };
  }

  add(what: 'connections' | 'sent'): void {
    this.#counts[what] += 1;
  }

  /** An echo came, as it should. */
  echoed(ms: number): void {
    this.#counts.received += 1;
    this.#latency.record(Math.max(1, Math.round(ms * NANOSECONDS)));
  }

  parted(how: Parting): void {
    this.#partings[how] += 1;
  }

  fault(what: Fault, failure: string, count = 1): void {
    this.#counts[what] += count;
    if (this.#failures.length < MAX_FAILURES) this.#failures.push(`${what}: ${failure}`);
  }

  takeLatency(): Latency {
    const latency = {
      messages: this.#latency.count,
      p50Ms: this.#latency.percentile(50) / NANOSECONDS,
      p99Ms: this.#latency.percentile(99) / NANOSECONDS,
      mostMs: this.#latency.count === 0 ? 0 : this.#latency.max / NANOSECONDS,
      ownP99Ms: this.#ownDelay.percentile(99) / NANOSECONDS,
    };
    this.#latency.reset();
    this.#ownDelay.reset();
    return latency;
  }
}

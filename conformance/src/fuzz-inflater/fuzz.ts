import { chooseSeed } from '../random.ts';
import { MemoryWatch } from '../resident-memory.ts';
import { Bystander } from './bystander.ts';
import { makeCase } from './fuzz-case.ts';
import { type Outcome, playCase } from './play-case.ts';
import { ServerProcess } from './server-process.ts';
import { Tally } from './tally.ts';

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed?: number;
  /** Cases that are played at once against each server. */
  readonly connections?: number;
  /** Plays this case alone. */
  readonly only?: number;
}

/** What a run against one server gave. */
export interface FuzzReport {
  readonly name: string;
  readonly seed: number;
  readonly tally: Tally;
  readonly echoes: number;
  readonly slowestEchoMs: number;
  /** The server's resident set, in bytes. */
  readonly memory: { readonly before: number; readonly most: number };
  /** All that is wrong; empty if nothing is. */
  readonly failures: readonly string[];
}

/** The two ways in which we call zlib: at once where Node lets us, and in the thread pool. */
const servers = {
  'zlib at once': {},
  'zlib in the thread pool': { HEDDLE_FAST_PATHS: '0' },
} as const;

/** What a server may hold beyond what it had before: some 2 MiB for each of the connections. */
const MEMORY_BYTES = 256 * 2 ** 20;

const MAX_FAILURES = 10;

/** Fuzzes the inflater of a server in either of its ways, one beside the other. */
export async function fuzz({
  seconds,
  seed = chooseSeed(),
  connections = 32,
  only,
}: FuzzOptions): Promise<readonly FuzzReport[]> {
  const runs = Object.entries(servers).map(async ([name, env]) => {
    const server = await ServerProcess.start(env);
    try {
      const run = new Run(server, seed, only);
      const workers = only === undefined ? connections : 1;
      return { name, ...(await run.until(performance.now() + seconds * 1_000, workers)) };
    } finally {
      await server.stop();
    }
  });
  return await Promise.all(runs);
}

class Run {
  readonly #server: ServerProcess;
  readonly #seed: number;
  readonly #tally = new Tally();
  readonly #failures: string[] = [];
  readonly #only: number | undefined;
  #nextCase = 0;

  constructor(server: ServerProcess, seed: number, only: number | undefined) {
    this.#server = server;
    this.#seed = seed;
    this.#only = only;
    this.#nextCase = only ?? 0;
  }

  async until(deadline: number, workers: number): Promise<Omit<FuzzReport, 'name'>> {
    const bystander = await Bystander.open(this.#server.port, this.#seed);
    const watch = new MemoryWatch(this.#server.pid);
    await Promise.all(Array.from({ length: workers }, () => this.#work(deadline)));
    const most = watch.stop();
    await bystander.stop();
    if (bystander.failure !== undefined) this.#failures.push(bystander.failure);
    if (most > watch.beforeBytes + MEMORY_BYTES) this.#failures.push(`${most} bytes of memory`);
    await this.#server.stop();
    this.#failures.push(...this.#server.complaints);
    return {
      seed: this.#seed,
      tally: this.#tally,
      echoes: bystander.echoes,
      slowestEchoMs: bystander.slowestMs,
      memory: { before: watch.beforeBytes, most },
      failures: this.#failures,
    };
  }

  async #work(deadline: number): Promise<void> {
    do {
      if (!this.#server.running || this.#failures.length >= MAX_FAILURES) return;
      const index = this.#nextCase++;
      const outcome = await this.#play(index);
      if (outcome !== undefined) this.#tally.add(outcome);
    } while (performance.now() < deadline && this.#only === undefined);
  }

  async #play(index: number): Promise<Outcome | undefined> {
    try {
      return await playCase(this.#server.port, this.#seed, makeCase(this.#seed, index));
    } catch (error) {
      this.#failures.push(`--seed ${this.#seed} --case ${index}: ${error}`);
      return undefined;
    }
  }
}

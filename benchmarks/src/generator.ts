import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Dialect, Order } from './load/main.ts';
import type { Round } from './load/round.ts';
import type { Workload } from './workload.ts';

/** How long an order may take, whatever it is. */
const ANSWER_MS = 60_000;

/** The load generator, a process of its own. One order at a time. */
export class Generator {
  readonly #child: ChildProcess;
  #orders = 0;

  /** `prefix` is a program that starts it in its place, such as `taskset`. */
  constructor(prefix: readonly string[]) {
    const file = fileURLToPath(new URL('load/main.ts', import.meta.url));
    const [execPath = process.execPath, ...execArgv] = [...prefix, process.execPath];
    this.#child = fork(file, { execPath, execArgv });
  }

  async open(workload: Workload, url: string, dialect: Dialect): Promise<void> {
    await this.#tell({ open: workload, url, dialect });
  }

  async run(runMs: number): Promise<Round> {
    const round = await this.#tell({ runMs });
    if (round === undefined) throw new Error('the load generator counted nothing');
    return round;
  }

  async close(): Promise<void> {
    await this.#tell({ close: true });
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  async #tell(order: Order): Promise<Round | undefined> {
    // A server that answers nothing must not be waited for.
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answers = on(this.#child, 'message', { signal });
    const id = ++this.#orders;
    this.#child.send({ ...order, id });
    for await (const [answer] of answers as AsyncIterable<[Answer]>) {
      // An order that took too long may have been answered in the meantime.
      if (answer.id !== id) continue;
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.round;
    }
    return undefined;
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Dialect, Order } from './load/main.ts';
import type { Round } from './load/round.ts';
import type { Workload } from './workload.ts';

/** The load generator, a process of its own. One order at a time. */
export class Generator {
  readonly #child: ChildProcess;

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
    const answered = once(this.#child, 'message');
    this.#child.send(order);
    const [answer] = (await answered) as [Answer];
    if ('error' in answer) throw new Error(answer.error);
    return answer.round;
  }
}

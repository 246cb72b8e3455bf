import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Crowd, Order } from './generator.ts';

/** How long an order may take: at the end, all clients wait for what is under way. */
const ANSWER_MS = 60_000;

/** The well-behaved clients, in a process of their own. */
export class GeneratorProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('generator.ts', import.meta.url)), {
      execArgv: ['--conditions=@heddle/source'],
    });
  }

  begin(crowd: Crowd): Promise<Answer> {
    return this.#tell({ begin: crowd });
  }

  /** What has happened since the last order. */
  lap(): Promise<Answer> {
    return this.#tell({ lap: true });
  }

  /** All clients leave. */
  finish(): Promise<Answer> {
    return this.#tell({ stop: true });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  async #tell(order: Order): Promise<Answer> {
    const answers = on(this.#child, 'message', {
      signal: AbortSignal.timeout(ANSWER_MS),
      close: ['exit'],
    });
    this.#child.send(order);
    for await (const [answer] of answers) return answer as Answer;
    throw new Error('the clients ended before they had answered');
  }
}

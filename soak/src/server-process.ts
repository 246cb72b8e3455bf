import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessStats } from './server-stats.ts';

const program = fileURLToPath(new URL('server.ts', import.meta.url));

/** The server under attack as a process of its own, on a free port. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<ServerProcess> {
    const child = fork(program, {
      // A `Fault` is meant, and counted: it need not be printed.
      execArgv: ['--conditions=@heddle/source', '--disable-warning=Fault'],
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    let printed = '';
    for await (const chunk of child.stdout ?? []) {
      printed += String(chunk);
      const port = /^Soak: \S+:(\d+)$/m.exec(printed)?.[1];
      if (port !== undefined) return new ServerProcess(child, Number(port));
    }
    throw new Error(`The server ended before it listened: ${printed}`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What the server says of itself; `collect` has its garbage collected first. */
  async stats({ collect = false } = {}): Promise<ProcessStats> {
    const url = `http://127.0.0.1:${this.port}/stats${collect ? '?collect' : ''}`;
    const response = await fetch(url, { headers: { Connection: 'close' } });
    return (await response.json()) as ProcessStats;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

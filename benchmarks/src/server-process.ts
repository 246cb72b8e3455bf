import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { residentBytes } from '@heddle/conformance/resident-memory';

/**
 * For a Node whose memory is measured: its garbage is collected when it is told to, and the space for
 * new objects, which grows with all the work that was ever done, stays as small as V8 can have it.
 */
export const MEASURABLE = [
  '--expose-gc',
  '--max-semi-space-size=1',
  `--import=${new URL('collect-garbage.mjs', import.meta.url).href}`,
];

export interface ServerCommand {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is a Node that was started with `MEASURABLE`. */
  readonly measurable?: boolean;
}

/** A server under test, a process of its own so that its CPU time is only its own. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #measurable: boolean;

  private constructor(url: string, child: ChildProcess, measurable: boolean) {
    this.url = url;
    this.#child = child;
    this.#measurable = measurable;
  }

  /** Starts a server on a free port, which it prints as `Echo: <url>`. */
  static async start({ command, env, measurable = false }: ServerCommand): Promise<ServerProcess> {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      env: { ...process.env, ...env, PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'inherit', ...(measurable ? (['ipc'] as const) : [])],
    });
    const failed = once(child, 'error').then(([error]) => Promise.reject(error));
    const url = await Promise.race([failed, urlOf(child)]);
    if (url === undefined) throw new Error(`${command.join(' ')} ended before it listened`);
    return new ServerProcess(url, child, measurable);
  }

  /**
   * The time that the threads of the process have been on a core so far, in user and in system mode, in
   * seconds. Linux only: `/proc` has it to the nanosecond.
   */
  cpuSeconds(): number {
    const tasks = `/proc/${this.#child.pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
  }

  /** What the process has in memory, in bytes, its garbage collected where that is possible. */
  async residentBytes(): Promise<number> {
    if (this.#measurable) {
      const collected = once(this.#child, 'message');
      this.#child.send('collect garbage');
      await collected;
    }
    return residentBytes(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

async function urlOf(child: ChildProcess): Promise<string | undefined> {
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    const url = /^Echo: (\S+)$/m.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}

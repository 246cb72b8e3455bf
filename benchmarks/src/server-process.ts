import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { residentBytes } from '@heddle/conformance/resident-memory';

/**
 * For a server whose memory is measured: its garbage is collected when it is told to, and the space for
 * new objects, which grows with all the work that was ever done, stays as small as V8 can have it.
 */
const MEASURABLE = [
  '--expose-gc',
  '--max-semi-space-size=1',
  `--import=${new URL('collect-garbage.ts', import.meta.url).href}`,
];

export interface ServerProcessOptions {
  /** The environment variable `DEFLATE`; what it means is the server's affair. */
  readonly deflate?: string;
  /** Whether `residentBytes` will be asked for. */
  readonly measurable?: boolean;
}

/** The unit of the times in `/proc/<pid>/stat` on every Linux that Node runs on (sysconf _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** A server under test, a process of its own so that its CPU time is only its own. */
export class ServerProcess {
  readonly name: string;
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(name: string, url: string, child: ChildProcess) {
    this.name = name;
    this.url = url;
    this.#child = child;
  }

  /** Starts `file` with this Node on a free port, which it prints as `Echo: <url>`. */
  static async start(
    name: string,
    file: string,
    { deflate = '', measurable = false }: ServerProcessOptions = {},
  ): Promise<ServerProcess> {
    const child = spawn(process.execPath, [...(measurable ? MEASURABLE : []), file], {
      env: { ...process.env, PORT: '0', HOST: '127.0.0.1', DEFLATE: deflate },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    let printed = '';
    for await (const chunk of child.stdout ?? []) {
      printed += String(chunk);
      const url = /^Echo: (\S+)$/m.exec(printed)?.[1];
      if (url !== undefined) return new ServerProcess(name, url, child);
    }
    throw new Error(`${name} ended before it listened: ${printed}`);
  }

  /** User and system time that the process has used so far, in seconds. Linux only. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    // The second field, the command, may contain anything; the others are counted behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** What the process has in memory once its garbage is collected, in bytes. */
  async residentBytes(): Promise<number> {
    const collected = once(this.#child, 'message');
    this.#child.send('collect garbage');
    await collected;
    return residentBytes(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

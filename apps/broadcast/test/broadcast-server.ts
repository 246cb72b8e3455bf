import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built program. */
export const main = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));

type Env = Readonly<Record<string, string>>;

/** How a process has ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The broadcast as people run it: the built program in a process of its own. */
export class BroadcastServer {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  /** Starts it, on a port that is free if the environment names none. Somebody has to stop it. */
  static async start(env: Env = {}): Promise<BroadcastServer> {
    if (!existsSync(main))
      throw new Error('The broadcast is not built: run `pnpm run build` first');
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // A process that cannot start says nothing, and ends.
    const heard = [once(createInterface(child.stdout), 'line'), once(child, 'exit')];
    const [line] = await Promise.race(heard);
    const [, url] = /^Broadcast: (http:\S+)$/u.exec(String(line)) ?? [];
    if (url === undefined) throw new Error(`The broadcast said: ${line}`);
    return new BroadcastServer(url, child);
  }

  get port(): string {
    return new URL(this.url).port;
  }

  /** What the process has in memory now, in bytes. */
  get residentBytes(): number {
    const kilobytes = existsSync('/proc/self/status') ? this.#readStatus() : this.#askPs();
    if (!(kilobytes > 0)) throw new Error('There is no way to see how much memory a process has');
    return kilobytes * 1024;
  }

  #readStatus(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/mu.exec(status) ?? [];
    return Number(kilobytes);
  }

  /** Where there is no `/proc`, as on macOS. */
  #askPs(): number {
    return Number(
      execFileSync('ps', ['-o', 'rss=', '-p', String(this.#process.pid)], { encoding: 'utf8' }),
    );
  }

  /** Sends a signal that ends the process, and says how it ended. */
  async stop(signal: NodeJS.Signals): Promise<End> {
    const ended = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill(signal);
      await ended;
    }
    return { code: this.#process.exitCode, signal: this.#process.signalCode };
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

/** A server for one test alone, which may do to it what it likes. */
export async function ownBroadcastServer(env: Env = {}): Promise<BroadcastServer> {
  const server = await BroadcastServer.start(env);
  onTestFinished(() => server.stop('SIGKILL').then(() => undefined));
  return server;
}

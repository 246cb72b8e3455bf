import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('server.ts', import.meta.url));

/** The fuzzed server as a process of its own, and all that it says that it should not. */
export class ServerProcess {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #complaints: string[] = [];

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.pid = child.pid ?? 0;
    child.stderr?.setEncoding('utf8').on('data', (text) => this.#complaints.push(text));
    child.once('exit', (code, signal) => {
      if (code !== 0) this.#complaints.push(`the server ended with ${code ?? signal}`);
    });
  }

  static async start(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['--conditions=@heddle/source', server], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [printed] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    const port = /^Fuzzed: ws:\/\/127\.0\.0\.1:(\d+)$/m.exec(String(printed))?.[1];
    if (port === undefined) throw new Error(`the server said: ${printed}`);
    return new ServerProcess(child, Number(port));
  }

  /** Uncaught errors, unhandled rejections and warnings, as Node prints them. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

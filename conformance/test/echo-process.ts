import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(import.meta.resolve('@heddle/conformance/echo-server'));

/** Which server, if it is not ours, and what its environment has beyond ours. */
export interface EchoProcessOptions {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** An echo server as a process of its own, on a free port. */
export class EchoProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start({ file = server, env = {} }: EchoProcessOptions = {}): Promise<EchoProcess> {
    const child = spawn(process.execPath, ['--conditions=@heddle/source', file], {
      env: { ...process.env, PORT: '0', HOST: '127.0.0.1', DEFLATE: '', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      const url = /^Echo: (\S+)$/m.exec(printed)?.[1];
      if (url !== undefined) return new EchoProcess(child, url);
    }
    throw new Error(`The echo server ended before it listened: ${printed}`);
  }

  /** Asks the server to drain; resolves with its exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [exitCode] = await exited;
    return exitCode;
  }
}

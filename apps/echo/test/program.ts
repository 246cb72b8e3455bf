import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built programs. */
export const serverMain = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));
export const clientMain = fileURLToPath(new URL('../dist/client/main.js', import.meta.url));

/** How a process has ended, and what it has said. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** A program in a process of its own, which is gone when the test is over. */
export class Program {
  readonly stdin: Writable;
  /** Resolves with everything that it has said, when it has ended. */
  readonly ended: Promise<End>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #output: Buffer[] = [];
  /** Where the next line begins in `output`. */
  #lineStart = 0;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    // It may end before it has read what it is sent.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      this.#output.push(chunk);
    });
    this.#child = child;
    this.stdin = child.stdin;
    this.ended = Promise.all([once(child, 'close'), text(child.stderr)]).then(
      ([[code, signal], errors]) => ({ code, signal, output: this.output.toString(), errors }),
    );
  }

  /** All bytes of its standard output so far. */
  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  /** The next line of its standard output, whatever ends it. Rejects if there is none any more. */
  async line(): Promise<string> {
    const rest = this.output.subarray(this.#lineStart);
    const end = rest.indexOf('\n');
    if (end === -1) {
      await Promise.race([once(this.#child.stdout, 'data'), this.#mustNotEnd()]);
      return this.line();
    }
    this.#lineStart += end + 1;
    return rest.toString('utf8', 0, end).replace(/\r$/, '');
  }

  async #mustNotEnd(): Promise<never> {
    const { code, errors } = await this.ended;
    throw new Error(`It ended with ${code}, and said: ${errors}`);
  }

  /** Reads no more of its standard output for now. */
  pauseReading(): void {
    this.#child.stdout.pause();
  }

  resumeReading(): void {
    this.#child.stdout.resume();
  }

  /** Reads no more of its standard output, and lets it know. */
  stopReading(): void {
    this.#child.stdout.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal that ends it, and waits for its end. */
  async stop(signal: NodeJS.Signals): Promise<End> {
    this.signal(signal);
    return this.ended;
  }
}

/** The echo server as people run it. Resolves when it listens. */
export async function startServer(env: Readonly<Record<string, string>> = {}) {
  if (!existsSync(serverMain)) throw new Error('Not built: run `pnpm run build` first');
  const server = new Program([process.execPath, serverMain], {
    PORT: '0',
    HOST: '127.0.0.1',
    ...env,
  });
  const url = (await server.line()).replace('Echo: ', '');
  const page = (await server.line()).replace('Page: ', '');
  return Object.assign(server, { url, page });
}

/** The client as people run it, its standard input and output pipes. */
export function startClient(...args: readonly string[]): Program {
  return new Program([process.execPath, clientMain, ...args]);
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Footprint } from './footprint.ts';
import type { LeakServerMessage } from './leak-server.ts';

/** The server whose leaks are looked for, as a process of its own. */
export class LeakServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** `file` is a program that calls `startLeakServer`. */
  static async start(file: string): Promise<LeakServerProcess> {
    const child = fork(file);
    const message = await nextMessage(child);
    if (!('port' in message)) throw new Error('the server said something else than its port');
    return new LeakServerProcess(child, message.port);
  }

  /** What the server holds, once its connections are gone. */
  async footprint(): Promise<Footprint> {
    const answer = nextMessage(this.#child);
    this.#child.send('footprint');
    const message = await answer;
    if (!('footprint' in message)) throw new Error('the server said something else');
    return message.footprint;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

async function nextMessage(child: ChildProcess): Promise<LeakServerMessage> {
  const ended = new AbortController();
  const exited = once(child, 'exit', ended).then(([code]) => {
    throw new Error(`the server ended with ${code}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', ended), exited]);
    return message as LeakServerMessage;
  } finally {
    exited.catch(() => {});
    ended.abort();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type Draft, MessageStore } from '../src/server/store.ts';

/** The built program. */
export const main = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));

/** How a process has ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The chat as people run it: the built program in a process of its own, on one port and one file. */
export class ChatServer {
  readonly url: string;
  readonly databasePath: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number, databasePath: string) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.databasePath = databasePath;
  }

  /** Starts a chat with an empty database in this folder. Somebody has to stop it. */
  static async start(folder: string): Promise<ChatServer> {
    if (!existsSync(main)) throw new Error('The chat is not built: run `pnpm run build` first');
    const server = new ChatServer(await freePort(), join(folder, 'chat.sqlite'));
    await server.start();
    return server;
  }

  /** Starts it again, on the same port and the same file. Resolves when it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, PORT: String(this.#port), CHAT_DB: this.databasePath },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const [line] = await once(createInterface(child.stdout), 'line');
    if (line !== `Chat: ${this.url}`) throw new Error(`The chat said: ${line}`);
  }

  /** Puts a history into its database, as if all that had been said before. */
  remember(history: readonly Draft[]): void {
    const store = new MessageStore(this.databasePath);
    for (const draft of history) store.add(draft);
    store.close();
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Sends a signal that ends the process, and says how it ended. */
  async stop(signal: NodeJS.Signals): Promise<End | undefined> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return undefined;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code, by] = await ended;
    return { code, signal: by };
  }
}

/** One chat for all tests of a file; each takes a room of its own. */
export function useChatServer(): () => ChatServer {
  let server: ChatServer;
  const folder = mkdtempSync(join(tmpdir(), 'heddle-chat-'));
  beforeAll(async () => {
    server = await ChatServer.start(folder);
  });
  afterAll(async () => {
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return () => server;
}

/** A chat for one test alone, which may do to it what it likes. */
export async function ownChatServer(): Promise<ChatServer> {
  const server = await ChatServer.start(tempFolder());
  onTestFinished(() => server.stop('SIGKILL').then(() => undefined));
  return server;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

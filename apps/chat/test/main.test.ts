import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SUBPROTOCOL } from '../src/shared/subprotocol.ts';
import { main, ownChatServer } from './chat-server.ts';

describe('the program', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s tells the pages to come back, and ends well',
    async (signal) => {
      const server = await ownChatServer();
      const socket = new WebSocket(
        `${server.url.replace('http', 'ws')}/r/lobby/socket`,
        SUBPROTOCOL,
      );
      await once(socket, 'open');
      const closed = once(socket, 'close');
      expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
      const [event] = await closed;
      expect(event).toMatchObject({ code: 1001, wasClean: true });
    },
  );

  it('says that its port is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { code, errors } = await run({ PORT: String(port) });
    expect(code).toBe(1);
    expect(errors).toBe(`Port ${port} is taken. Choose another: PORT=${port + 1}\n`);
  });

  it('says that its database is of a later version', async () => {
    const path = `${tempFolder()}/chat.sqlite`;
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const { code, errors } = await run({ PORT: '0', CHAT_DB: path });
    expect(code).toBe(1);
    expect(errors).toBe(
      `The chat cannot start: ${path} was written by a later version of this chat\n`,
    );
  });

  it('says that its port is no port', async () => {
    const { code, errors } = await run({ PORT: 'eighty' });
    expect(code).toBe(1);
    expect(errors).toBe('PORT is "eighty", and should be a number from 0 to 65535.\n');
  });
});

async function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, CHAT_DB: ':memory:', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { code, errors };
}

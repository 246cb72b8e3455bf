import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** A busy machine is slow: nothing is said about speed. */
const LONGEST_MS = 180_000;

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Runs `soak:leaks` as it is typed, with the sources of the packages. */
function findLeaks(...args: readonly string[]): Promise<Ended> {
  const main = fileURLToPath(new URL('../src/leaks/main.ts', import.meta.url));
  const flags = ['--conditions=@heddle/source', '--disable-warning=ExperimentalWarning'];
  return new Promise((resolve) => {
    const all = [...flags, main, '--looks', '2', ...args];
    execFile(process.execPath, all, { timeout: LONGEST_MS }, (error, stdout) => {
      resolve({ exitCode: Number(error?.code ?? 0), stdout });
    });
  });
}

// At the same time: each waits for processes of its own.
describe.concurrent('Connections that have come and gone', () => {
  it(
    'leave no listener, no timer, no handle and no memory behind, however they end',
    async () => {
      const { exitCode, stdout } = await findLeaks('--connections', '2000');
      expect(stdout).toContain('\n0 leaks');
      expect(exitCode).toBe(0);
    },
    LONGEST_MS,
  );

  it(
    'are found out where they do',
    async () => {
      const server = fileURLToPath(new URL('leaking-server.ts', import.meta.url));
      const { exitCode, stdout } = await findLeaks('--connections', '300', '--server', server);
      expect(exitCode).toBe(1);
      for (const what of ['connections', 'sockets', 'timers', 'listeners of process']) {
        expect(stdout).toContain(`LEAK: the server's ${what} grew`);
      }
    },
    LONGEST_MS,
  );
});

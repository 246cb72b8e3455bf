import { once } from 'node:events';
import { existsSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { acceptWebSockets } from '@heddle/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientMain, Program, startClient, startServer } from './program.ts';

/** Of util-linux: gives a program a terminal, and types what it reads into it. Node has none of its own. */
const SCRIPT = '/usr/bin/script';
const scriptIsMissing = process.platform !== 'linux' || !existsSync(SCRIPT);
if (scriptIsMissing) writeSync(2, `No ${SCRIPT}: the test at a terminal is skipped.\n`);

const CTRL_C = '\u0003';
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const ms = String.raw`\d+\.\d\d ms`;
const answer = new RegExp(`^${time}  ${ms}$`);
const summary = new RegExp(
  `^\\d+ sent, \\d+ received; round trip ${ms} min, ${ms} median, ${ms} max$`,
);

describe.skipIf(scriptIsMissing)('the client, at a terminal', () => {
  it('sends the time every second, and on Ctrl-C closes and says how it went', async () => {
    const server = await startServer();
    // A shell in between would end by the Ctrl-C as well, and hide how the client ended.
    const command = `exec ${process.execPath} ${clientMain} ${server.url}`;
    const terminal = new Program([
      SCRIPT,
      '--quiet',
      '--return',
      '--command',
      command,
      '/dev/null',
    ]);
    expect(await terminal.line()).toBe(`Connected to ${server.url}. Ctrl-C closes.`);
    const times = [await terminal.line(), await terminal.line()];
    for (const line of times) expect(line).toMatch(answer);
    const [first = 0, second = 0] = times.map((line) => Date.parse(line.slice(0, 24)));
    expect(second - first).toBeGreaterThan(900);

    terminal.stdin.write(CTRL_C);
    const { code, output } = await terminal.ended;
    expect(code).toBe(0);
    // A slow machine may have sent another time meanwhile.
    expect(output.split('\r\n').slice(-4)).toEqual([
      '^CClosing (Ctrl-C again drops it) …',
      'Closed: 1000 (normal closure), clean',
      expect.stringMatching(summary),
      '',
    ]);
  });
});

describe('the client with --clock', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('on %s closes and says how it went', async (signal) => {
    const server = await startServer();
    const client = startClient('--clock', server.url);
    expect(await client.line()).toMatch(answer);
    const { code, errors } = await client.stop(signal);
    expect(code).toBe(0);
    expect(errors.split('\n')).toEqual([
      `Connected to ${server.url}. Ctrl-C closes.`,
      'Closing (Ctrl-C again drops it) …',
      'Closed: 1000 (normal closure), clean',
      expect.stringMatching(summary),
      '',
    ]);
  });

  it('drops the connection at once on a second Ctrl-C', async () => {
    const server = await startServer();
    const client = startClient('--clock', server.url);
    await client.line();
    // It neither answers nor ends; to wait for it takes five seconds.
    server.signal('SIGSTOP');
    const begun = performance.now();
    client.signal('SIGINT');
    await later(400);
    const { code, errors } = await client.stop('SIGINT');
    expect(code).toBe(1);
    expect(errors).toMatch(/^Dropped: 1006 \(abnormal closure\), not clean$/m);
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  it('takes two signals of one Ctrl-C for one, as when npm passes it on', async () => {
    const server = await startServer();
    const client = startClient('--clock', server.url);
    await client.line();
    server.signal('SIGSTOP');
    client.signal('SIGINT');
    await later(20);
    client.signal('SIGINT');
    await later(100);
    server.signal('SIGCONT');
    expect(await client.ended).toMatchObject({
      code: 0,
      errors: expect.stringContaining('Closed: 1000'),
    });
  });

  it('says that the server goes away, when it is stopped: 1001', async () => {
    const server = await startServer();
    const client = startClient('--clock', server.url);
    await client.line();
    expect(await server.stop('SIGINT')).toMatchObject({ code: 0 });
    const { code, errors } = await client.ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/^The server closed the connection: 1001 \(going away\), clean$/m);
    expect(errors).toMatch(/^\d+ sent, \d+ received; round trip /m);
  });

  it('says that the connection broke, when the server is killed: 1006', async () => {
    const server = await startServer();
    const client = startClient('--clock', server.url);
    await client.line();
    await server.stop('SIGKILL');
    const { code, errors } = await client.ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/^The connection broke: 1006 \(abnormal closure\), not clean/m);
  });

  it('shows what else a server sends, and keeps it from moving the cursor', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    const sockets = acceptWebSockets(server, { path: '/' }, (socket) => {
      socket.send('\u001b[2Jgotcha');
    });
    onTestFinished(() => sockets.close({ timeoutMs: 0 }).then(() => void server.close()));
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = startClient('--clock', `ws://127.0.0.1:${port}/`);
    expect(await client.line()).toBe('\\u001b[2Jgotcha  (not what was sent)');
  });

  it('closes when nobody reads its answers any more', async () => {
    const server = await startServer();
    const client = startClient('--clock', server.url);
    await client.line();
    client.stopReading();
    expect(await client.ended).toMatchObject({ code: 0 });
  });
});

function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Server } from 'node:net';
import { acceptWebSockets, type Connection } from '@heddle/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientMain, Program, startClient, startServer } from './program.ts';

const clean = { code: 0, signal: null, errors: '' };

describe('the client, from a pipe', () => {
  it('sends a line, prints the answer and nothing else, and closes with 1000', async () => {
    const { url, closed } = await ownServer((socket) => {
      socket.on('message', (message) => socket.send(message));
    });
    const client = startClient(url);
    client.stdin.end('hello\n');
    expect(await client.ended).toEqual({ ...clean, output: 'hello\n' });
    expect(await closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('sends lines as they are: empty ones, spaces, carriage returns, and one without an end', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    client.stdin.end('\ufeffone\r\n\n  \u2028 two\nthree');
    const { output } = await client.ended;
    expect(output).toBe('\ufeffone\r\n\n  \u2028 two\nthree\n');
  });

  it('sends nothing of an empty input, and ends well', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    client.stdin.end();
    expect(await client.ended).toEqual({ ...clean, output: '' });
  });

  it('answers a line before there is another', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    client.stdin.write('one\n');
    expect(await client.line()).toBe('one');
    client.stdin.end('two\n');
    expect(await client.line()).toBe('two');
    expect(await client.ended).toMatchObject({ code: 0 });
  });

  it('has 10,000 lines come back in order', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    const lines = Array.from({ length: 10_000 }, (_, n) => `${n}\n`).join('');
    client.stdin.end(lines);
    expect(await client.ended).toEqual({ ...clean, output: lines });
  });

  it('sends all of its input as one binary message, byte by byte', async () => {
    const server = await startServer();
    const client = startClient('--binary', server.url);
    const bytes = randomBytes(2 ** 20);
    client.stdin.end(bytes);
    expect(await client.ended).toMatchObject({ code: 0, errors: '' });
    expect(bytes.equals(client.output)).toBe(true);
  });

  it('holds its input back while nobody reads the answers, and loses none of them', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    client.stdin.write('ready\n');
    await client.line();
    client.pauseReading();
    const line = `${'.'.repeat(63_999)}\n`;
    for (let n = 0; n < 1_000; n++) client.stdin.write(line);
    client.stdin.end();
    // What TCP takes in both directions has gone; nothing else has.
    await standsStill(() => client.stdin.writableLength);
    expect(client.stdin.writableLength).toBeGreaterThan(32_000_000);
    client.resumeReading();
    const { code, output } = await client.ended;
    expect(code).toBe(0);
    expect(output === `ready\n${line.repeat(1_000)}`).toBe(true);
  });

  it('ends well when its reader has had enough: | head -1', async () => {
    const server = await startServer();
    const client = `${process.execPath} ${clientMain} ${server.url}`;
    const piped = `yes hello | { ${client}; echo "status $?" >&2; } | head -1`;
    const shell = new Program(['/bin/sh', '-c', piped]);
    expect(await shell.ended).toMatchObject({ output: 'hello\n', errors: 'status 0\n' });
  });

  it('sends what it can, and says what it cannot', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    client.stdin.end(Buffer.concat([Buffer.from('one\ntwo\n'), Buffer.from('ff0a', 'hex')]));
    expect(await client.ended).toMatchObject({
      code: 1,
      output: 'one\ntwo\n',
      errors: 'The input: A line is not UTF-8, and text must be: --binary sends any bytes\n',
    });
  });

  it.each([
    ['takes that', () => createHttp2Server(), '2.0'],
    ['does not', () => createServer(), '1.1'],
  ])('goes over HTTP/2 with --http2 if the server %s', async (_what, create, version) => {
    const server = create();
    const sockets = acceptWebSockets(server, { path: '/' }, (socket, { httpVersion }) => {
      socket.on('message', (message) => socket.send(`${message} over HTTP/${httpVersion}`));
    });
    onTestFinished(() => sockets.close({ timeoutMs: 0 }).then(() => void server.close()));
    const client = startClient('--http2', await urlOf(server));
    client.stdin.end('hello\n');
    expect(await client.ended).toEqual({ ...clean, output: `hello over HTTP/${version}\n` });
  });

  it('gives up on answers that do not come, after --wait', async () => {
    const { url, closed } = await ownServer((socket) => {
      socket.once('message', (message) => socket.send(message));
      socket.on('message', () => undefined);
    });
    const client = startClient('--wait', '0.2', url);
    client.stdin.end('one\ntwo\nthree\n');
    const errors = 'Without an answer: 2 of 3\n';
    expect(await client.ended).toEqual({ ...clean, code: 1, output: 'one\n', errors });
    expect(await closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('says that the server has gone, with which code, and how much it left unanswered', async () => {
    const { url } = await ownServer((socket) => {
      socket.on('message', () => void socket.close(4001, 'Enough\u001b[2J'));
    });
    const client = startClient(url);
    // The input has not ended, and the client does all the same.
    client.stdin.write('one\n');
    expect(await client.ended).toMatchObject({
      code: 1,
      output: '',
      errors:
        'Without an answer: 1 of 1\n' +
        'The server closed the connection: 4001 "Enough\\u001b[2J", clean\n',
    });
  });

  it('ends by SIGTERM with a clean close, though its input has not ended', async () => {
    const server = await startServer();
    const client = startClient(server.url);
    client.stdin.write('one\n');
    expect(await client.line()).toBe('one');
    expect(await client.stop('SIGTERM')).toMatchObject({ ...clean });
  });
});

/** Resolves when `read` has returned the same for half a second. */
async function standsStill(read: () => number): Promise<void> {
  for (let before = -1; before !== read(); ) {
    before = read();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** A server that does as `handler` says, and how its one connection ends. */
async function ownServer(handler: (socket: Connection) => void) {
  const server = createServer();
  const ending = Promise.withResolvers<unknown>();
  const sockets = acceptWebSockets(server, { path: '/' }, (socket) => {
    handler(socket);
    ending.resolve(socket.closed);
  });
  onTestFinished(async () => {
    server.close();
    await sockets.close({ timeoutMs: 0 });
  });
  return { url: await urlOf(server), closed: ending.promise };
}

/** Where it listens from now on. */
async function urlOf(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return `ws://127.0.0.1:${port}/`;
}

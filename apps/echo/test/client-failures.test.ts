import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { routeUpgrades } from '@heddle/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient, startServer } from './program.ts';

describe('without a connection, the client', () => {
  it('says that nobody listens', async () => {
    const server = createServer();
    const port = await portOf(server);
    server.close();
    expect(await run(`ws://127.0.0.1:${port}/echo`)).toEqual({
      ...failed,
      errors: `Nobody listens at 127.0.0.1:${port} (ECONNREFUSED). Is the server running?\n`,
    });
  });

  it('says what the server answered: a path where there is no WebSocket', async () => {
    const { url } = await startServer();
    expect(await run(`${url}/elsewhere`)).toEqual({
      ...failed,
      errors: `The server refused with 404 Not Found: There is nothing here. The echo: ${url}\n`,
    });
  });

  it('says what the server answered: 401, and its body in one line that is safe to show', async () => {
    const server = createServer();
    routeUpgrades(server, (_request, response) => {
      response.writeHead(401).end('Log in\u001b[2J\nfirst\n');
    });
    onTestFinished(() => void server.close());
    expect(await run(`ws://user:secret@127.0.0.1:${await portOf(server)}/`)).toEqual({
      ...failed,
      errors: 'The server refused with 401 Unauthorized: Log in\\u001b[2J first\n',
    });
  });

  it('says that a name leads to no host, and keeps the password to itself', async () => {
    const { code, errors } = await run('ws://user:secret@nowhere.invalid/');
    expect(code).toBe(1);
    expect(errors).toMatch(/nowhere\.invalid/);
    expect(errors).not.toMatch(/secret/);
  });

  it('gives up when it is interrupted', async () => {
    // It takes the request and never answers.
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      onTestFinished(() => void socket.destroy());
      client.signal('SIGINT');
    });
    onTestFinished(() => void server.close());
    const client = startClient(`ws://127.0.0.1:${await portOf(server)}/`);
    const errors = 'Interrupted before there was a connection\n';
    expect(await client.ended).toEqual({ ...failed, errors });
  });
});

describe('with a wrong command line, the client', () => {
  it.each([
    ['a wrong URL', ['echo.example.org'], /must be an absolute URL, not echo\.example\.org/],
    ['another scheme', ['ftp://127.0.0.1/'], /must be ws: or wss:/],
    ['an unknown option', ['--fast'], /Unknown option '--fast'/],
  ])('says what is wrong, and ends with 2: %s', async (_what, args, sentence) => {
    const { code, output, errors } = await run(...args);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toMatch(sentence);
    expect(errors).toMatch(/What there is: --help\n$/);
  });

  it('prints how it is used when it is asked for', async () => {
    const { code, output, errors } = await run('--help');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^Usage: /);
  });
});

const failed = { code: 1, signal: null, output: '' };

function run(...args: readonly string[]) {
  return startClient(...args).ended;
}

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from '@heddle/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Program, serverMain, startServer } from './program.ts';

describe('the server’s program', () => {
  it('prints where the echo is, and the page', async () => {
    const { url, page } = await startServer();
    const port = new URL(url).port;
    expect({ url, page }).toEqual({
      url: `ws://127.0.0.1:${port}/echo`,
      page: `http://127.0.0.1:${port}/`,
    });
    expect((await fetch(page)).status).toBe(200);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s tells its clients that it goes away, and ends well',
    async (signal) => {
      const server = await startServer();
      // A browser keeps a connection for its next request.
      await (await fetch(server.page)).text();
      const socket = await connect(server.url);
      const begun = performance.now();
      expect(await server.stop(signal)).toMatchObject({ code: 0, signal: null, errors: '' });
      expect(performance.now() - begun).toBeLessThan(4_000);
      expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true });
    },
  );

  it('says that its port is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await run({ PORT: String(port) })).toEqual({
      ...failed,
      errors: `Port ${port} is taken. Choose another: PORT=${port + 1}\n`,
    });
  });

  it.each([
    ['PORT', 'eighty', 'PORT is "eighty", and should be a number from 0 to 65535.\n'],
    ['HOST', '192.0.2.1', 'HOST is "192.0.2.1", and that is no address of this machine.\n'],
  ])('says that %s is wrong', async (name, value, errors) => {
    expect(await run({ PORT: '0', [name]: value })).toEqual({ ...failed, errors });
  });
});

const failed = { code: 1, signal: null, output: '' };

function run(env: Readonly<Record<string, string>>) {
  return new Program([process.execPath, serverMain], { HOST: '127.0.0.1', ...env }).ended;
}

import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CHUNK_BYTES } from '../src/shared/chunk.ts';
import { main, ownBroadcastServer } from './broadcast-server.ts';
import { enter, someBytes } from './guest.ts';

describe('the program', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s tells the pages to come back, and ends well, also in the middle of a file',
    async (signal) => {
      const folder = tempFolder();
      const server = await ownBroadcastServer({ SPOOL_DIR: folder });
      const [ada, mira] = await enter(server.url, 'Ada', 'Mira');
      await ada.starts('film', someBytes(4 * CHUNK_BYTES), 2 * CHUNK_BYTES);
      await mira.hears('incoming');
      const closed = Promise.all([ada.closed(), mira.closed()]);
      expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
      expect(await closed).toMatchObject([{ code: 1001 }, { code: 1001 }]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('leaves nothing on the disk even if it is killed in the middle of a file', async () => {
    const folder = tempFolder();
    const server = await ownBroadcastServer({ SPOOL_DIR: folder });
    const [ada] = await enter(server.url, 'Ada', 'Mira');
    await ada.starts('film', someBytes(4 * CHUNK_BYTES), 2 * CHUNK_BYTES);
    await ada.hears('taken');
    await server.stop('SIGKILL');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends at once on a second signal, whatever a peer does not do', async () => {
    const server = await ownBroadcastServer();
    const silent = await deafPeer(server.port);
    onTestFinished(() => void silent.destroy());
    server.signal('SIGINT');
    // The close frame with 1001: the first signal has been heard.
    for await (const [bytes] of on(silent, 'data')) {
      if (bytes.includes(Buffer.from('880203e9', 'hex'))) break;
    }
    const begun = performance.now();
    expect(await server.stop('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

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

  it('says that its port is no port', async () => {
    const { code, errors } = await run({ PORT: 'eighty' });
    expect(code).toBe(1);
    expect(errors).toBe('PORT is "eighty", and should be a number from 0 to 65535.\n');
  });

  it('says that its folder cannot hold files', async () => {
    const folder = join(tempFolder(), 'nowhere');
    const { code, errors } = await run({ PORT: '0', SPOOL_DIR: folder });
    expect(code).toBe(1);
    expect(errors).toMatch(/^The folder .+nowhere cannot hold files \(SPOOL_DIR\): ENOENT/u);
  });
});

/** A peer that does the opening handshake, and never answers anything again. */
async function deafPeer(port: string) {
  const peer = connect(Number(port), '127.0.0.1');
  peer.on('error', () => undefined);
  peer.write(
    [
      'GET /socket HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  const [answer] = await once(peer, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /u);
  return peer;
}

async function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { code, errors };
}

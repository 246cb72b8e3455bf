import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceptWebSockets } from '@heddle/node';

/**
 * Keeps each message in a temporary file, and then sends it back from there: `PORT` and `DEFLATE` from
 * the environment. A message may be of any size, as it is never in memory.
 */
const folder = await mkdtemp(join(tmpdir(), 'heddle-stream-'));
const server = createServer();
const sockets = acceptWebSockets(
  server,
  {
    path: '/',
    origins: '*',
    compression: process.env['DEFLATE'] === '1',
    limits: { maxMessageBytes: 2 ** 40 },
  },
  async (socket) => {
    const path = join(folder, 'message');
    for await (const message of socket.incoming()) {
      await message.toFile(path);
      await socket.sendStream(createReadStream(path));
    }
  },
);

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  process.stdout.write(`Stored: ws://127.0.0.1:${address.port}/\n`);
});

process.once('SIGTERM', async () => {
  server.close();
  await sockets.close();
  await rm(folder, { recursive: true });
});

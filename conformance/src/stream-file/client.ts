import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@heddle/node';
import { fileBytes } from './file-bytes.ts';
import type { Transfer } from './transfer.ts';

/**
 * `node client.ts <url> <bytes> [path]` connects, prints `ready`, waits for a line, sends one message of
 * so many bytes, takes it back, into a file if it is told a path and piece by piece if it is not, and
 * prints a `Transfer` as JSON. `DEFLATE` is from the environment. It ends when its standard input does,
 * so that its memory can be looked at.
 */
const [, , url = '', size = '', path] = process.argv;
const byteLength = Number(size);
const compression = process.env['DEFLATE'] === '1';

const socket = await connect(url, {
  compression,
  limits: { maxMessageBytes: 2 ** 40 },
});
const incoming = socket.incoming();
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));

const finished = new AbortController();
const began = performance.now();
const [sentSha256, received, pingsMs] = await Promise.all([send(), receive(), ping()]);
const seconds = (performance.now() - began) / 1_000;
const { extensions } = socket;
await socket.close();
const transfer: Transfer = { extensions, sentSha256, ...received, pingsMs, seconds };
process.stdout.write(`${JSON.stringify(transfer)}\n`);

async function send(): Promise<string> {
  const hash = createHash('sha256');
  await socket.sendStream(fileBytes(byteLength, (piece) => hash.update(piece)));
  return hash.digest('hex');
}

async function receive(): Promise<Pick<Transfer, 'receivedSha256' | 'receivedBytes'>> {
  const { value: message } = await incoming.next();
  if (message === undefined) throw new Error('the message did not come back');
  const hash = createHash('sha256');
  let receivedBytes = 0;
  if (path !== undefined) {
    receivedBytes = await message.toFile(path);
  } else {
    for await (const piece of message) {
      hash.update(piece);
      receivedBytes += piece.byteLength;
    }
  }
  finished.abort();
  return { receivedSha256: path === undefined ? hash.digest('hex') : undefined, receivedBytes };
}

/** The round trips of pings, one after the other, for as long as the message is under way. */
async function ping(): Promise<readonly number[]> {
  const roundTripsMs: number[] = [];
  while (!finished.signal.aborted) {
    roundTripsMs.push(await socket.ping());
    await sleep(50);
  }
  return roundTripsMs;
}

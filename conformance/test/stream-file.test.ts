import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryWatch, mebibytes } from '../src/resident-memory.ts';
import type { Transfer } from '../src/stream-file/transfer.ts';

const MEMORY_BYTES = 64 * 2 ** 20;

/**
 * V8 lets buffers that nobody holds pile up, and how many depends on the heap that it may have: with its
 * default of gigabytes, 64 MiB (Node 24), so that a bare socket of `node:net` that drops all it reads
 * grows by 87 MiB. What a process with a small heap has in memory is what is held.
 */
const HEAP = '--max-old-space-size=64';

/** The environment variable asks for more: 4 GiB are `STREAM_BYTES=4294967296`. */
const STREAM_BYTES = Number(process.env['STREAM_BYTES'] ?? 2 ** 28);
const COMPRESSED_BYTES = Math.min(STREAM_BYTES, 2 ** 26);

/** As much as a slow machine needs: 5 MiB a second. */
const timeoutMs = (byteLength: number) => 60_000 + byteLength / 5_000;

describe('a message of more bytes than either side has memory for', () => {
  it.each([
    ['as it is', STREAM_BYTES, ''],
    ['compressed', COMPRESSED_BYTES, '1'],
  ])(
    'goes into a file and comes back, %s: %i bytes',
    async (how, byteLength, DEFLATE) => {
      const { transfer, memory } = await roundTrip(byteLength, DEFLATE);
      const { extensions, pingsMs, seconds } = transfer;
      console.log(
        `${byteLength} bytes there and back, ${how}: ${seconds.toFixed(1)} s, ${pingsMs.length} pings,`,
        `the slowest ${Math.max(...pingsMs).toFixed(0)} ms; memory before and at most, MiB:`,
        memory.map(({ name, before, most }) => `${name} ${mebibytes(before)} ${mebibytes(most)}`),
      );
      expect(extensions).toEqual(DEFLATE === '1' ? ['permessage-deflate'] : []);
      expect(transfer.receivedBytes).toBe(byteLength);
      expect(transfer.receivedSha256).toBe(transfer.sentSha256);
      expect(pingsMs.length).toBeGreaterThan(1);
      for (const { before, most } of memory) expect(most - before).toBeLessThan(MEMORY_BYTES);
    },
    timeoutMs(STREAM_BYTES),
  );
});

async function roundTrip(byteLength: number, DEFLATE: string) {
  const env = { DEFLATE, PORT: '0' };
  const server = start('server.ts', [], env);
  const url = (await server.next()).replace('Stored: ', '');
  const client = start('client.ts', [url, String(byteLength)], env);
  expect(await client.next()).toBe('ready');
  const watches = Object.entries({ server, client }).map(([name, { pid }]) => ({
    name,
    watch: new MemoryWatch(pid),
  }));
  client.go();
  const transfer: Transfer = JSON.parse(await client.next());
  const memory = watches.map(({ name, watch }) => {
    const most = watch.stop();
    return { name, before: watch.beforeBytes, most };
  });
  return { transfer, memory };
}

/** Starts a program of `src/stream-file`, which ends with the test; `next` is a line that it prints. */
function start(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const path = fileURLToPath(new URL(`../src/stream-file/${file}`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@heddle/source', HEAP, path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`${file} ended before it had said everything`);
    return value;
  };
  return { pid: child.pid ?? 0, next, go: () => child.stdin.write('go\n') };
}

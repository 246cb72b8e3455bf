import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryWatch, mebibytes } from '../src/resident-memory.ts';
import type { Transfer } from '../src/stream-file/transfer.ts';

const MEMORY_BYTES = 64 * 2 ** 20;

/**
 * Whoever takes the pieces himself owns them, and V8 lets those that he has dropped pile up. How many
 * depends on the heap that it may have: with its default of gigabytes, 64 MiB (Node 24), so that a bare
 * socket of `node:net` that drops all it reads grows by 87 MiB. What a process with a small heap has in
 * memory is what is held.
 */
const SMALL_HEAP = ['--max-old-space-size=64'];
const DEFAULT_HEAP: readonly string[] = [];

/** The environment variable asks for more: 4 GiB are `STREAM_BYTES=4294967296`. */
const STREAM_BYTES = Number(process.env['STREAM_BYTES'] ?? 2 ** 28);
const COMPRESSED_BYTES = Math.min(STREAM_BYTES, 2 ** 26);

/** As much as a slow machine needs: 5 MiB a second. */
const timeoutMs = (byteLength: number) => 60_000 + byteLength / 5_000;

/** How a message goes back and forth. */
interface Case {
  readonly how: string;
  readonly byteLength: number;
  readonly DEFLATE: string;
  /** Whether it ends in a file, or is taken piece by piece. */
  readonly intoFile: boolean;
  /** For both processes. */
  readonly heap: readonly string[];
}

const cases: readonly Case[] = [
  { how: 'into files', byteLength: STREAM_BYTES, DEFLATE: '', intoFile: true, heap: DEFAULT_HEAP },
  { how: 'in pieces', byteLength: STREAM_BYTES, DEFLATE: '', intoFile: false, heap: SMALL_HEAP },
  {
    how: 'compressed',
    byteLength: COMPRESSED_BYTES,
    DEFLATE: '1',
    intoFile: false,
    heap: SMALL_HEAP,
  },
];

describe('a message of more bytes than either side has memory for', () => {
  it.each(cases)(
    'goes into a file and comes back, $how: $byteLength bytes',
    async ({ how, byteLength, DEFLATE, intoFile, heap }) => {
      const path = intoFile ? join(await temporaryFolder(), 'message') : undefined;
      const { transfer, memory } = await roundTrip(byteLength, DEFLATE, heap, path);
      const { extensions, pingsMs, seconds } = transfer;
      console.log(
        `${byteLength} bytes there and back, ${how}: ${seconds.toFixed(1)} s, ${pingsMs.length} pings,`,
        `the slowest ${Math.max(...pingsMs).toFixed(0)} ms; memory before and at most, MiB:`,
        memory.map(({ name, before, most }) => `${name} ${mebibytes(before)} ${mebibytes(most)}`),
      );
      expect(extensions).toEqual(DEFLATE === '1' ? ['permessage-deflate'] : []);
      expect(transfer.receivedBytes).toBe(byteLength);
      const received = path === undefined ? transfer.receivedSha256 : await sha256Of(path);
      expect(received).toBe(transfer.sentSha256);
      expect(pingsMs.length).toBeGreaterThan(1);
      for (const { before, most } of memory) expect(most - before).toBeLessThan(MEMORY_BYTES);
    },
    timeoutMs(STREAM_BYTES),
  );
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-stream-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function roundTrip(
  byteLength: number,
  DEFLATE: string,
  heap: readonly string[],
  path: string | undefined,
) {
  const env = { DEFLATE, PORT: '0' };
  const server = start('server.ts', [], env, heap);
  const url = (await server.next()).replace('Stored: ', '');
  const args = [url, String(byteLength), ...(path === undefined ? [] : [path])];
  const client = start('client.ts', args, env, heap);
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
function start(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  heap: readonly string[],
) {
  const path = fileURLToPath(new URL(`../src/stream-file/${file}`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@heddle/source', ...heap, path, ...args], {
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

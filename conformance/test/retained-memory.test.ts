import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeFrame, ScriptedPeer } from '@heddle/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Holding } from '../src/holding-server.ts';

const PEERS = 20;
/** What `docs/limits.md` says: for each peer no more than twice what it has sent, and this. */
const ALLOWANCE_BYTES = 384 * 1024;

function frame(opcode: number, payload: string | Uint8Array, fin = true): Uint8Array {
  return encodeFrame({ opcode, payload, fin, maskingKey: '37 fa 21 3d' });
}

function times(count: number, bytes: Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

const beginning = frame(0x2, 'x', false);

/** What costs a server most for each byte: what is sent, and to which route. */
const attacks: Record<string, { readonly path: string; readonly bytes: Buffer }> = {
  'a message that lacks its last byte': {
    path: '/held',
    bytes: Buffer.from(frame(0x2, new Uint8Array(2 ** 20))).subarray(0, -1),
  },
  'a message in fragments of one byte': {
    path: '/held',
    bytes: Buffer.concat([beginning, times(16_000, frame(0x0, 'x', false))]),
  },
  'a message in empty fragments': {
    path: '/held',
    bytes: Buffer.concat([beginning, times(16_000, frame(0x0, '', false))]),
  },
  'the same as a stream that nobody reads': {
    path: '/streamed',
    bytes: Buffer.concat([beginning, times(16_000, frame(0x0, 'x', false))]),
  },
  'a large message as a stream that nobody reads': {
    path: '/streamed',
    bytes: Buffer.from(frame(0x2, new Uint8Array(2 ** 20))),
  },
  'binary messages of one byte': { path: '/held', bytes: times(150_000, frame(0x2, 'x')) },
  'texts of two characters': { path: '/held', bytes: times(150_000, frame(0x1, 'xy')) },
  'texts that V8 keeps in two bytes a character': {
    path: '/held',
    bytes: times(20, frame(0x1, `${'x'.repeat(50_000)}漢`)),
  },
  'pings whose pongs nobody reads': {
    path: '/held',
    bytes: times(10_000, frame(0x9, 'x'.repeat(100))),
  },
};

let server: ChildProcess;
let port: number;

beforeAll(async () => {
  const path = fileURLToPath(new URL('../src/holding-server.ts', import.meta.url));
  server = fork(path, { execArgv: [...process.execArgv, '--expose-gc'] });
  [port] = await once(server, 'message');
});
afterAll(() => {
  server.kill();
});

afterEach(async () => {
  // A server that does not read does not see its peers go.
  server.send('drop');
  await expect.poll(async () => (await holding()).connections).toBe(0);
});

async function holding(): Promise<Holding> {
  server.send('tell');
  const [held] = await once(server, 'message');
  return held as Holding;
}

async function open(path: string): Promise<ScriptedPeer> {
  const peer = await ScriptedPeer.connect({ port });
  onTestFinished(() => peer.destroy());
  expect((await peer.handshake({ path })).status).toBe(101);
  peer.pause();
  return peer;
}

/** What the server holds once it reads no more. */
async function atRest(): Promise<Holding> {
  for (let before = await holding(); ; ) {
    await sleep(100);
    const now = await holding();
    if (now.readBytes === before.readBytes) return now;
    before = now;
  }
}

describe('What a server holds for a peer that sends', () => {
  it.each(Object.entries(attacks))(
    '%s: is no more than the documentation says',
    async (_, attack) => {
      const peers: ScriptedPeer[] = [];
      for (let opened = 0; opened < PEERS; opened++) peers.push(await open(attack.path));
      const before = await holding();
      for (const peer of peers) peer.sends(attack.bytes);
      const after = await atRest();
      expect(after.connections).toBe(PEERS);
      const readBytes = after.readBytes - before.readBytes;
      expect(readBytes).toBeGreaterThan(PEERS * 10_000);
      const memoryBytes = after.memoryBytes - before.memoryBytes;
      expect(memoryBytes).toBeLessThanOrEqual(2 * readBytes + PEERS * ALLOWANCE_BYTES);
      // And the count is honest: what is really held is not much more than it says.
      const countedBytes = after.countedBytes - before.countedBytes;
      expect(memoryBytes).toBeLessThanOrEqual(1.5 * countedBytes + PEERS * 64 * 1024);
    },
  );
});

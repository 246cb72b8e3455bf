import { setTimeout as sleep } from 'node:timers/promises';
import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { describe, expect, it } from 'vitest';
import { type BroadcastServer, ownBroadcastServer } from '../broadcast-server.ts';
import { sha256, someBytes } from '../guest.ts';
import { largeFile } from './large-file.ts';
import { fileSha256, Person } from './person.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** How much more memory than before the server may need for a file of any size. */
const MEMORY_BOUND = 64 * MIB;

describe.skipIf(chromiumIsMissing)('two receivers have what was sent, and know it', () => {
  const profile = useChromium();

  it('files of 0 and 1 bytes, and of as much as a chunk has, one less and one more', async () => {
    const { url } = await ownBroadcastServer();
    const ada = await Person.enter(await profile(), url, 'Ada');
    const mira = await Person.enter(await profile(), url, 'Mira');
    const jo = await Person.enter(await profile(), url, 'Jo');
    for (const size of [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1]) {
      const name = `${size}.bin`;
      const bytes = someBytes(size);
      const sum = sha256(bytes);
      await ada.chooses({ name, bytes });
      for (const person of [mira, jo]) {
        const row = person.incoming(name);
        await person.reads(row, 'Complete, and the same as Ada sent.');
        expect(await person.checksums(row)).toEqual([sum, `${sum} same`, `${sum} same`]);
        expect(await person.saves(row)).toEqual({ name, sha256: sum });
      }
      await ada.reads(ada.outgoing(name), '2 people have it, verified.');
      expect(await ada.checksums(ada.outgoing(name))).toEqual([sum, `${sum} same`, 'same']);
    }
    expect([ada.errors, mira.errors, jo.errors]).toEqual([[], [], []]);
  });

  it('a file of 200 MiB, for which the server needs less than 64 MiB more than before', async () => {
    const own = await ownBroadcastServer();
    const path = await largeFile('film.bin', 200 * MIB);
    const ada = await Person.enter(await profile(), own.url, 'Ada');
    const mira = await Person.enter(await profile(), own.url, 'Mira');
    const jo = await Person.enter(await profile(), own.url, 'Jo');
    const memory = watchMemory(own);
    await ada.chooses(path);
    const sum = await fileSha256(path);
    for (const person of [mira, jo]) {
      const row = person.incoming('film.bin');
      await person.reads(row, 'Complete, and the same as Ada sent.', 120_000);
      expect(await person.checksums(row)).toEqual([sum, `${sum} same`, `${sum} same`]);
    }
    await ada.reads(ada.outgoing('film.bin'), '2 people have it, verified.');
    expect(memory.stop()).toBeLessThan(MEMORY_BOUND);
    expect(await mira.saves(mira.incoming('film.bin'))).toEqual({ name: 'film.bin', sha256: sum });
    expect([ada.errors, mira.errors, jo.errors]).toEqual([[], [], []]);
  }, 150_000);
});

/** Looks at what the server has in memory, often; says how far above the beginning that ever was. */
function watchMemory(server: BroadcastServer): { stop(): number } {
  const before = server.residentBytes;
  let peak = before;
  let watching = true;
  const watch = async () => {
    for (; watching; await sleep(10)) peak = Math.max(peak, server.residentBytes);
  };
  void watch();
  return {
    stop: () => {
      watching = false;
      console.log(`Memory: ${Math.round(before / MIB)} MiB, at most ${Math.round(peak / MIB)} MiB`);
      return peak - before;
    },
  };
}

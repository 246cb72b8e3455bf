import { readdirSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Spool } from '../src/server/spool.ts';

describe('a spool', () => {
  it('grows at its end and is read anywhere', async () => {
    const spool = await create(tempFolder());
    await spool.append(Uint8Array.of(1, 2, 3));
    await spool.append(Uint8Array.of(4, 5));
    expect(spool.bytes).toBe(5);
    const target = new Uint8Array(3);
    await spool.read(target, 1);
    expect(target).toEqual(Uint8Array.of(2, 3, 4));
  });

  it('does not keep the bytes that it is given', async () => {
    const spool = await create(tempFolder());
    const bytes = Uint8Array.of(1, 2, 3);
    await spool.append(bytes);
    bytes.fill(9);
    const target = new Uint8Array(3);
    await spool.read(target, 0);
    expect(target).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('has no name on the disk, so nothing can be left of it', async () => {
    const folder = tempFolder();
    await (await create(folder)).append(Uint8Array.of(1));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('rejects what it does not have', async () => {
    const spool = await create(tempFolder());
    await spool.append(Uint8Array.of(1));
    await expect(spool.read(new Uint8Array(2), 0)).rejects.toThrow('The spool has nothing at 1');
  });

  it('does not count what could not be written', async () => {
    const path = join(tempFolder(), 'read-only');
    await writeFile(path, '');
    const spool = new Spool(await open(path, 'r'));
    onTestFinished(() => spool.close());
    await expect(spool.append(Uint8Array.of(1))).rejects.toMatchObject({ code: 'EBADF' });
    expect(spool.bytes).toBe(0);
  });

  it('cannot be made where there is no folder', async () => {
    const nowhere = join(tempFolder(), 'nowhere');
    await expect(Spool.create(nowhere)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

async function create(folder: string): Promise<Spool> {
  const spool = await Spool.create(folder);
  onTestFinished(() => spool.close());
  return spool;
}

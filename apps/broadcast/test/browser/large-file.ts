import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { someBytes } from '../guest.ts';

const BLOCK_BYTES = 2 ** 20;

/** Writes a file of this size, of which no two megabytes are the same, and returns its path. */
export async function largeFile(name: string, size: number): Promise<string> {
  const path = join(tempFolder(), name);
  const stream = createWriteStream(path);
  const block = Buffer.from(someBytes(BLOCK_BYTES));
  for (let offset = 0; offset < size; offset += BLOCK_BYTES) {
    const bytes = Buffer.from(block.subarray(0, size - offset));
    bytes.writeUInt32BE(offset / BLOCK_BYTES);
    if (!stream.write(bytes)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  return path;
}

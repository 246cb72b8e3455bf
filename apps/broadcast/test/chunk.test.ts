import { describe, expect, it } from 'vitest';
import {
  CHUNK_BYTES,
  CHUNK_HEADER_BYTES,
  chunkLength,
  readChunkHeader,
  writeChunkHeader,
} from '../src/shared/chunk.ts';

describe('the header of a chunk', () => {
  it('is the id and the offset, big-endian', () => {
    const message = new Uint8Array(13);
    writeChunkHeader(message, { id: 0x0102_0304, offset: 2 ** 40 + 5 });
    expect(Buffer.from(message).toString('hex')).toBe('01020304' + '0000010000000005' + '00');
    expect(readChunkHeader(message)).toEqual({ id: 0x0102_0304, offset: 2 ** 40 + 5 });
  });

  it('is read where a message lies in a larger buffer', () => {
    const message = new Uint8Array(40).subarray(9, 30);
    writeChunkHeader(message, { id: 7, offset: 65_536 });
    expect(readChunkHeader(message)).toEqual({ id: 7, offset: 65_536 });
  });

  it('is not there when the message is too short, or the offset beyond any file', () => {
    expect(readChunkHeader(new Uint8Array(CHUNK_HEADER_BYTES - 1))).toBeUndefined();
    expect(readChunkHeader(new Uint8Array(CHUNK_HEADER_BYTES).fill(0xff))).toBeUndefined();
  });
});

describe('a file of', () => {
  it.each([
    [0, [0]],
    [1, [1, 0]],
    [CHUNK_BYTES - 1, [CHUNK_BYTES - 1, 0]],
    [CHUNK_BYTES, [CHUNK_BYTES, 0]],
    [CHUNK_BYTES + 1, [CHUNK_BYTES, 1, 0]],
  ])('%i bytes is cut into chunks, of which all but the last are full', (size, lengths) => {
    let offset = 0;
    for (const length of lengths) {
      expect(chunkLength(offset, size)).toBe(length);
      offset += length;
    }
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OutgoingFile } from '../src/page/outgoing-file.ts';
import {
  CHUNK_BYTES,
  CHUNK_HEADER_BYTES,
  type ChunkHeader,
  readChunkHeader,
} from '../src/shared/chunk.ts';
import { WINDOW_BYTES } from '../src/shared/limits.ts';
import type { ClientMessage } from '../src/shared/wire.ts';
import { sha256, someBytes } from './guest.ts';

const receivers = { total: 2, have: 2, different: 0, slowestBytes: 0 };

describe('a file that is sent', () => {
  it('is offered by a name that can be saved, sent in chunks, and ended with its checksum', async () => {
    const bytes = someBytes(CHUNK_BYTES + 5);
    const { file, said, sent } = choose('C:\\a?.txt', bytes);
    expect(file.status).toBe('waiting');
    file.offer();
    expect(said).toEqual([{ type: 'offer', ref: 1, name: 'a_.txt', size: bytes.byteLength }]);
    file.accepted(7);
    await expect.poll(() => said.length).toBe(2);
    expect(said[1]).toEqual({ type: 'end', id: 7, sha256: sha256(bytes) });
    expect(sent.map(headerOf)).toEqual([
      { id: 7, offset: 0 },
      { id: 7, offset: CHUNK_BYTES },
    ]);
    expect(sha256(...sent.map((chunk) => chunk.subarray(CHUNK_HEADER_BYTES)))).toBe(sha256(bytes));
  });

  it('without bytes ends at once', async () => {
    const { file, said, sent } = choose('empty', new Uint8Array(0));
    file.accepted(7);
    await expect.poll(() => said.length).toBe(1);
    expect([said, sent]).toEqual([[{ type: 'end', id: 7, sha256: sha256() }], []]);
  });

  it('is at most one window ahead of what the server has', async () => {
    const { file, sent } = choose('film', someBytes(3 * WINDOW_BYTES));
    file.accepted(7);
    await expect.poll(() => bytesOf(sent)).toBe(WINDOW_BYTES);
    file.took(CHUNK_BYTES);
    file.took(2 * CHUNK_BYTES);
    await expect.poll(() => bytesOf(sent)).toBe(WINDOW_BYTES + 2 * CHUNK_BYTES);
    await sleep(20);
    expect(bytesOf(sent)).toBe(WINDOW_BYTES + 2 * CHUNK_BYTES);
  });

  it('is delivered when everybody has it', () => {
    const { file } = choose('a', new Uint8Array(0));
    file.accepted(7);
    file.stored('server');
    expect([file.status, file.live]).toEqual(['stored', true]);
    file.delivered(receivers);
    expect([file.status, file.live, file.receivers]).toEqual(['delivered', false, receivers]);
  });

  it('sends nothing more when it is cancelled, and the server is told', async () => {
    const { file, said, sent } = choose('film', someBytes(3 * WINDOW_BYTES));
    file.accepted(7);
    await expect.poll(() => bytesOf(sent)).toBe(WINDOW_BYTES);
    file.cancel();
    file.took(WINDOW_BYTES);
    await sleep(20);
    expect(bytesOf(sent)).toBe(WINDOW_BYTES);
    expect(said).toEqual([{ type: 'cancel', id: 7 }]);
    file.fail('too late');
    expect([file.status, file.problem]).toEqual(['cancelled', '']);
  });

  it('that was cancelled before the server answered is cancelled there, too', () => {
    const { file, said } = choose('a', someBytes(1));
    file.offer();
    file.cancel();
    file.accepted(7);
    expect(said.at(-1)).toEqual({ type: 'cancel', id: 7 });
  });

  it.each([
    ['alone', 'waiting'],
    ['too_many', 'waiting'],
    ['no_space', 'failed'],
  ] as const)('that is refused as %s is %s', (code, status) => {
    const { file } = choose('a', someBytes(1));
    file.offer();
    file.refused({ type: 'refused', ref: 1, code, message: 'No.' });
    expect(file.status).toBe(status);
    expect(file.problem).toBe(status === 'failed' ? 'No.' : '');
  });

  it('that cannot be read any more fails, for the server, too', async () => {
    const { file, said } = choose('a', someBytes(5), () =>
      Promise.reject(new Error('NotReadable')),
    );
    file.accepted(7);
    await expect.poll(() => file.status).toBe('failed');
    expect(file.problem).toMatch(/^It could not be read/u);
    expect(said).toEqual([{ type: 'cancel', id: 7 }]);
  });
});

function choose(name: string, bytes: Uint8Array<ArrayBuffer>, read?: () => Promise<ArrayBuffer>) {
  const said: ClientMessage[] = [];
  const sent: Uint8Array[] = [];
  const chosen = new File([bytes], name);
  if (read !== undefined) {
    chosen.slice = () => Object.assign(new Blob([bytes]), { arrayBuffer: read });
  }
  const file = new OutgoingFile(1, chosen, {
    say: (message) => void said.push(message),
    send: (message) => void sent.push(message),
    changed: () => undefined,
    failed: () => undefined,
  });
  return { file, said, sent };
}

function headerOf(chunk: Uint8Array): ChunkHeader | undefined {
  return readChunkHeader(chunk);
}

function bytesOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength - CHUNK_HEADER_BYTES, 0);
}

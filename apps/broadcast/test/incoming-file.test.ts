import { resolveObjectURL } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { IncomingFile } from '../src/page/incoming-file.ts';
import { CHUNK_BYTES } from '../src/shared/chunk.ts';
import type { ClientMessage } from '../src/shared/wire.ts';
import { sha256, someBytes } from './guest.ts';

describe('a file that is received', () => {
  it('is wanted, acknowledged chunk by chunk, compared and saved', async () => {
    const bytes = someBytes(20 * CHUNK_BYTES + 5);
    const { file, said } = announce(bytes.byteLength);
    file.want();
    expect(said).toEqual([{ type: 'want', id: 7, from: 0 }]);
    take(file, bytes, bytes.byteLength);
    expect(said.at(-1)).toEqual({ type: 'ack', id: 7, bytes: bytes.byteLength });
    file.complete(sha256(bytes), sha256(bytes));
    expect(said.at(-1)).toEqual({ type: 'received', id: 7, sha256: sha256(bytes) });
    const blob = resolveObjectURL(file.url ?? '');
    expect(blob?.type).toBe('application/octet-stream');
    expect(sha256(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0)))).toBe(
      sha256(bytes),
    );
    file.dispose();
    expect(resolveObjectURL(file.url ?? '')).toBeUndefined();
  });

  it('without bytes is there at once', () => {
    const { file } = announce(0);
    file.want();
    file.complete(sha256(), sha256());
    expect([file.status, file.url === undefined]).toEqual(['complete', false]);
  });

  it.each([
    ['sender', '0'.repeat(64), sha256(someBytes(5))],
    ['server', sha256(someBytes(5)), '0'.repeat(64)],
  ])('cannot be saved if the %s has another checksum', (_who, sender, server) => {
    const { file, said } = announce(5);
    file.want();
    take(file, someBytes(5), 5);
    file.complete(sender, server);
    expect([file.status, file.url]).toEqual(['complete', undefined]);
    expect(file.checksums).toEqual({ sender, server, here: sha256(someBytes(5)) });
    expect(said.at(-1)).toMatchObject({ type: 'received', sha256: sha256(someBytes(5)) });
  });

  it('goes on where it was when the connection is back', () => {
    const bytes = someBytes(3 * CHUNK_BYTES);
    const { file, said } = announce(bytes.byteLength);
    file.want();
    take(file, bytes, CHUNK_BYTES);
    file.interrupt();
    expect([file.status, file.live]).toEqual(['interrupted', true]);
    file.want();
    expect(said.at(-1)).toEqual({ type: 'want', id: 7, from: CHUNK_BYTES });
    take(file, bytes, bytes.byteLength);
    file.complete(sha256(bytes), sha256(bytes));
    expect(file.url).toBeDefined();
  });

  it.each([
    ['comes twice', 0, CHUNK_BYTES],
    ['is missing', 2 * CHUNK_BYTES, CHUNK_BYTES],
    ['is too short', CHUNK_BYTES, 5],
  ])('fails, and is cancelled, when a chunk %s', (_what, offset, length) => {
    const { file, said } = announce(4 * CHUNK_BYTES);
    file.want();
    take(file, someBytes(CHUNK_BYTES), CHUNK_BYTES);
    file.take({ id: 7, offset }, someBytes(length));
    expect(file.status).toBe('failed');
    expect(said.at(-1)).toEqual({ type: 'cancel', id: 7 });
  });

  it('fails when it ends before its end', () => {
    const { file } = announce(5);
    file.want();
    file.complete(sha256(), sha256());
    expect([file.status, file.url]).toEqual(['failed', undefined]);
  });

  it('takes nothing more when it is cancelled', () => {
    const { file, said } = announce(CHUNK_BYTES);
    file.want();
    file.cancel();
    take(file, someBytes(CHUNK_BYTES), CHUNK_BYTES);
    file.complete(sha256(), sha256());
    file.fail('too late');
    expect(said).toEqual([
      { type: 'want', id: 7, from: 0 },
      { type: 'cancel', id: 7 },
    ]);
    expect([file.status, file.received, file.problem]).toEqual(['cancelled', 0, '']);
  });
});

function announce(size: number) {
  const said: ClientMessage[] = [];
  const info = { type: 'incoming', id: 7, from: 'Ada', name: 'a', size } as const;
  const say = (message: ClientMessage) => void said.push(message);
  return {
    file: new IncomingFile(info, { say, changed: () => undefined, failed: () => undefined }),
    said,
  };
}

/** Brings what follows on what is there, up to `end`. */
function take(file: IncomingFile, bytes: Uint8Array<ArrayBuffer>, end: number): void {
  for (let offset = file.received; offset < end; offset += CHUNK_BYTES) {
    file.take({ id: 7, offset }, bytes.slice(offset, offset + CHUNK_BYTES));
  }
}

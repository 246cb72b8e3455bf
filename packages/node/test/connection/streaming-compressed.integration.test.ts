import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { agree } from '../compressed.ts';
import { openOver, tcpPair } from '../open.ts';
import { settled, sleep, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** Two connections over TCP that compress. */
async function compressing() {
  const ends = await tcpPair();
  const agreement = agree();
  const options = { compression: true, limits: { maxMessageBytes: 2 ** 30 } };
  const open = (role: 'client' | 'server') =>
    openOver(ends[role], options, { role, extensions: agreement[role] });
  return { client: open('client'), server: open('server'), transport: ends.server };
}

describe('A compressed message that is streamed', () => {
  it.each([
    ['small', 1_000, 2_000],
    ['of 64 KiB', 100, 65_536],
    ['large', 8, 1_000_000],
  ])('is the same when it has come, in pieces that are %s', async (_, count, pieceBytes) => {
    const { client, server, transport } = await compressing();
    const pieces = Array.from({ length: count }, (_, index) =>
      index % 2 === 0 ? randomBytes(pieceBytes) : Buffer.alloc(pieceBytes, index),
    );
    const sent = client.sendStream(pieces);
    const { value } = await server.incoming().next();
    const whole = Buffer.concat(pieces);
    expect((await value?.bytes({ maxBytes: 2 ** 30 }))?.equals(whole)).toBe(true);
    await sent;
    expect(transport.bytesRead).toBeLessThan(whole.byteLength * 0.6);
  });

  it('and inflates to a thousand times its size is held back all the same', async () => {
    const { client, server } = await compressing();
    const total = 200_000_000;
    const megabyte = Buffer.alloc(1_000_000);
    const sent = client.sendStream(
      (function* () {
        for (let byte = 0; byte < total; byte += megabyte.byteLength) yield megabyte;
      })(),
    );
    const { value } = await server.incoming().next();
    await sleep(200);
    const before = process.memoryUsage().arrayBuffers;
    await sleep(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
    let read = 0;
    for await (const piece of value ?? []) read += piece.byteLength;
    expect(read).toBe(total);
    await sent;
  });

  it('lets small ones come whole behind it, in order, also after the loop was left', async () => {
    const { client, server } = await compressing();
    const sent = client.sendStream(Array.from({ length: 50 }, () => 'all the same '.repeat(5_000)));
    const small = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(1_000));
    for (const message of small) client.send(message);
    for await (const message of server.incoming()) {
      for await (const piece of message) {
        expect(piece.byteLength).toBeGreaterThan(0);
        break;
      }
      break;
    }
    const got: unknown[] = [];
    for await (const message of server) if (got.push(message) === small.length) break;
    expect(got).toEqual(small);
    await sent;
  });

  it('ends with the connection, while some of it is being compressed elsewhere', async () => {
    const { client } = await compressing();
    const sent = client.sendStream([randomBytes(1_000_000), randomBytes(1_000_000)], {
      fragmentBytes: 2 ** 20,
    });
    await Promise.resolve();
    client.destroy();
    await expect(sent).rejects.toMatchObject({ code: 'WS_CLOSED' });
  });

  it('does not keep our close() from seeing the close frame behind it', async () => {
    const { client, server } = await compressing();
    const sent = client.sendStream([Buffer.alloc(3_000_000)]);
    const { value } = await server.incoming().next();
    await turn();
    const reading = value?.bytes({ maxBytes: 2 ** 30 });
    const closed = server.close();
    await expect(reading).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(await closed).toMatchObject({ wasClean: true });
    expect(await settled(sent)).not.toBe('pending');
  });

  it('is sent as it is with compress: false', async () => {
    const { client, server, transport } = await compressing();
    const sent = client.sendStream([Buffer.alloc(1_000_000)], { compress: false });
    const { value } = await server.incoming().next();
    expect(await value?.bytes()).toHaveLength(1_000_000);
    await sent;
    expect(transport.bytesRead).toBeGreaterThan(1_000_000);
  });
});

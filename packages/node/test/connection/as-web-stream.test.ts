import { describe, expect, it } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { connectionsOverTcp } from '../open.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('A connection in the shape of WebSocketStream', () => {
  it('is open, and says what was negotiated', async () => {
    const [client, server] = connectionPair({ compression: true });
    const web = server.toWeb();
    const { extensions, protocol } = await web.opened;
    expect([web.url, extensions, protocol]).toEqual(['', 'permessage-deflate', '']);
    client.destroy();
    await server.closed;
  });

  it('reads messages as strings and bytes, to a clean end', async () => {
    const [client, server] = connectionPair();
    const { readable } = await server.toWeb().opened;
    client.send('text');
    client.send(Buffer.from([1]));
    void client.close(1000, 'done');
    const messages: unknown[] = [];
    for await (const message of readable) messages.push(message);
    expect(messages).toEqual(['text', Buffer.from([1])]);
  });

  it('writes strings as text and any bytes as binary; closing the writer closes with 1000', async () => {
    const [client, server] = connectionPair();
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    const web = server.toWeb();
    const writer = (await web.opened).writable.getWriter();
    await writer.write('text');
    await writer.write(new Uint8Array([1]));
    await writer.write(new Uint16Array([2]).subarray(0));
    await writer.write(new Uint8Array([3]).buffer);
    await writer.close();
    expect(received).toEqual(['text', Buffer.from([1]), Buffer.from([2, 0]), Buffer.from([3])]);
    expect(await web.closed).toEqual({ closeCode: 1000, reason: '' });
  });

  it('closes with the code and the reason that it is given', async () => {
    const [client, server] = connectionPair();
    const web = server.toWeb();
    expect(() => web.close({ closeCode: 1005 })).toThrow(
      expect.objectContaining({ code: 'WS_INVALID_CLOSE_CODE' }),
    );
    web.close({ closeCode: 4001, reason: 'enough' });
    expect(await client.closed).toMatchObject({ code: 4001, reason: 'enough' });
    expect(await web.closed).toEqual({ closeCode: 4001, reason: '' });
  });

  it('fails what is read, written and waited for when the end is not clean', async () => {
    const [client, server] = connectionPair();
    const web = server.toWeb();
    const { readable, writable } = await web.opened;
    client.destroy();
    await expect(readable.getReader().read()).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await expect(web.closed).rejects.toMatchObject({ code: 'WS_CLOSED', closeCode: 1006 });
    await expect(writable.getWriter().write('late')).rejects.toMatchObject({ code: 'WS_CLOSED' });
  });

  it.each(['cancelling the reader', 'aborting the writer'])('closes by %s', async (how) => {
    const [client, server] = connectionPair();
    const { readable, writable } = await server.toWeb().opened;
    await (how.startsWith('cancel') ? readable.cancel() : writable.abort());
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('takes no message before somebody reads, so that TCP holds the peer back', async () => {
    const { client, server } = await connectionsOverTcp({
      client: { limits: { maxBufferedBytes: 2 ** 27 } },
    });
    const { readable } = await server.toWeb().opened;
    for (let count = 0; count < 64; count++) client.send(Buffer.alloc(2 ** 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.bufferedBytes).toBeGreaterThan(2 ** 25);
    let received = 0;
    for await (const message of readable) {
      received += message.length;
      if (received === 64 * 2 ** 20) break;
    }
    expect(received).toBe(64 * 2 ** 20);
  });

  it('has its writer wait for a peer that does not read', async () => {
    const { client, server } = await connectionsOverTcp();
    client.pause();
    const writer = (await server.toWeb().opened).writable.getWriter();
    let written = 0;
    const all = (async () => {
      for (; written < 200; written++) await writer.write(Buffer.alloc(2 ** 18));
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(100);
    client.on('message', () => {});
    client.resume();
    await all;
    client.destroy();
    await server.closed;
  });
});

import type { ConnectOptions } from '@heddle/node';
import { describe, expect, it, vi } from 'vitest';
import { listen, nextMessage, open } from '../running.ts';
import { type Options, original, ours, type Socket, type Subject } from './subjects.ts';

/** The socket of `ws` 7 and its options, which users of express-ws have: run against it, too. */
describe.each([...ours, original])('$name', (subject) => {
  it('limits messages to maxPayload', async () => {
    const [client, server] = await pair(subject, { wsOptions: { maxPayload: 10 } });
    const failed = new Promise((resolve) => server.on('error', resolve));
    client.send('x'.repeat(11));
    expect(await client.closed).toMatchObject({ code: 1009 });
    expect(await failed).toBeInstanceOf(Error);
  });

  it('takes the first subprotocol unless handleProtocols chooses', async () => {
    const subprotocols = ['one', 'two'];
    const [client, server] = await pair(subject, {}, subprotocols);
    expect([client.subprotocol, server.protocol]).toEqual(['one', 'one']);
    const handleProtocols = vi.fn((protocols: string[]) => protocols[1]);
    const [other] = await pair(subject, { wsOptions: { handleProtocols } }, subprotocols);
    expect(other.subprotocol).toBe('two');
    expect(handleProtocols.mock.calls).toMatchObject([[subprotocols, { url: expect.any(String) }]]);
    const [none] = await pair(subject, { wsOptions: { handleProtocols } });
    expect(none.subprotocol).toBeUndefined();
  });

  it('compresses where perMessageDeflate says so, with the parameters of both', async () => {
    const compression = { compression: true } as const;
    const [none] = await pair(subject, {}, [], compression);
    expect(none.extensions).toEqual([]);
    const perMessageDeflate = {
      threshold: 0,
      serverNoContextTakeover: true,
      serverMaxWindowBits: 10,
      zlibDeflateOptions: { level: 1, memLevel: 4 },
    };
    const [client, server] = await pair(
      subject,
      { wsOptions: { perMessageDeflate } },
      [],
      compression,
    );
    expect(client.extensions).toEqual(['permessage-deflate']);
    const text = 'the same again and again, '.repeat(100);
    server.send(text);
    expect(await nextMessage(client)).toBe(text);
    server.send('plain', { compress: false });
    expect(await nextMessage(client)).toBe('plain');
    const received = new Promise((resolve) => server.once('message', resolve));
    client.send(text);
    expect(await received).toBe(text);
  });

  it.each([
    // As the README of `ws` has it.
    {
      zlibDeflateOptions: { chunkSize: 1024, memLevel: 7, level: 3 },
      zlibInflateOptions: { chunkSize: 10 * 1024 },
      concurrencyLimit: 10,
      threshold: 1024,
    },
    { zlibDeflateOptions: null, zlibInflateOptions: null, concurrencyLimit: undefined },
  ])('takes options of zlib and threads: %o', async (perMessageDeflate) => {
    const options = { wsOptions: { perMessageDeflate } };
    const [client] = await pair(subject, options, [], { compression: true });
    expect(client.extensions).toEqual(['permessage-deflate']);
  });

  it('does not compress where perMessageDeflate is null', async () => {
    const options = { wsOptions: { perMessageDeflate: null } };
    const [client] = await pair(subject, options, [], { compression: true });
    expect(client.extensions).toEqual([]);
  });

  it('hands over text as strings and bytes as buffers', async () => {
    const [client, server] = await pair(subject);
    const received: unknown[][] = [];
    server.on('message', (...args: unknown[]) => received.push(args));
    client.send('text');
    client.send(Buffer.from([1, 2]));
    await expect.poll(() => received).toEqual([['text'], [Buffer.from([1, 2])]]);
  });

  it('knows the events of browsers, too', async () => {
    const [client, server] = await pair(subject);
    const received: unknown[] = [];
    server.onmessage = ({ data, target }: Record<string, unknown>) => received.push(data, target);
    server.addEventListener('message', ({ data }: { data: unknown }) => received.push(data));
    server.addEventListener('close', ({ code, reason }: Record<string, unknown>) =>
      received.push(code, reason),
    );
    client.send('text');
    await expect.poll(() => received).toEqual(['text', server, 'text']);
    received.length = 0;
    client.close(4001, 'enough');
    await expect.poll(() => received).toEqual([4001, 'enough']);
  });

  it('sends text, numbers and bytes of any kind, and calls back', async () => {
    const [client, server] = await pair(subject);
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    const callback = vi.fn();
    server.send('text', callback);
    server.send(7);
    server.send(new Uint8Array([1]).buffer);
    server.send(new Uint16Array([2]), { binary: true }, callback);
    server.send(Buffer.from('seven'), { binary: false });
    await expect
      .poll(() => received)
      .toEqual(['text', '7', Buffer.from([1]), Buffer.from([2, 0]), 'seven']);
    await expect.poll(() => callback.mock.calls.length).toBe(2);
  });

  it('tells of the close with code and reason, as a string', async () => {
    const [client, server] = await pair(subject);
    const closed = new Promise((resolve) => server.on('close', (...args) => resolve(args)));
    client.close(4001, 'enough');
    expect(await closed).toEqual([4001, 'enough']);
    expect(server.readyState).toBe(3);
    const callback = vi.fn();
    server.send('anybody?', callback);
    await expect.poll(() => callback.mock.calls).toMatchObject([[expect.any(Error)]]);
  });

  it('closes, terminates and pings', async () => {
    const [client, server] = await pair(subject);
    const ponged = new Promise((resolve) => server.once('pong', resolve));
    server.ping();
    await ponged;
    server.close(4002, 'mine');
    expect(await client.closed).toMatchObject({ code: 4002, reason: 'mine' });
    const [other, terminated] = await pair(subject);
    terminated.terminate();
    expect(await other.closed).toMatchObject({ code: 1006 });
  });
});

/** The same connection at both ends. */
async function pair(
  { express, expressWs }: Subject,
  options: Options = {},
  subprotocols: readonly string[] = [],
  connecting: ConnectOptions = {},
) {
  const { app } = expressWs(express(), null, options);
  const handled = new Promise<Socket>((resolve) => {
    app.ws('/a', (ws) => {
      ws.send('open');
      resolve(ws);
    });
  });
  const client = await open(await listen(app), '/a', { subprotocols, ...connecting });
  await nextMessage(client);
  return [client, await handled] as const;
}

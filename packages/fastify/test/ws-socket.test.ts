import type { Connection, WsSocket } from '@heddle/node';
import { describe, expect, it, vi } from 'vitest';
import { withWsSocket } from '../src/index.ts';
import { buildApp, nextMessage } from './app.ts';

/** The same connection at both ends: as the client has it, and as a handler for `ws` does. */
async function open(): Promise<[client: Connection, server: WsSocket]> {
  const app = await buildApp({ subprotocols: ['v1'] });
  let server: WsSocket | undefined;
  const handler = withWsSocket<WsSocket>((socket) => {
    server = socket;
    // A pending promise, so that the connection goes on holding its messages.
    return new Promise(() => {});
  });
  app.get('/a', { websocket: true }, handler);
  const client = await app.injectWS('/a', { subprotocols: ['v1'] });
  if (server === undefined) throw new Error('The handler was not called');
  return [client, server];
}

describe('withWsSocket', () => {
  it('hands over buffers, and says which are binary', async () => {
    const [client, server] = await open();
    const received: unknown[][] = [];
    client.send('early');
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.on('message', (...args) => received.push(args));
    client.send(Buffer.from([1, 2]));
    await expect
      .poll(() => received)
      .toEqual([
        [Buffer.from('early'), false],
        [Buffer.from([1, 2]), true],
      ]);
  });

  it('sends, and calls back', async () => {
    const [client, server] = await open();
    expect([server.readyState, server.protocol, server.bufferedAmount]).toEqual([1, 'v1', 0]);
    const callback = vi.fn();
    server.send('text', callback);
    expect(await nextMessage(client)).toBe('text');
    server.send(Buffer.from([3]), { binary: true }, callback);
    expect(await nextMessage(client)).toEqual(Buffer.from([3]));
    await expect.poll(() => callback.mock.calls).toEqual([[], []]);
  });

  it('pings', async () => {
    const [client, server] = await open();
    const pinged = new Promise((resolve) => client.once('ping', resolve));
    const ponged = new Promise((resolve) => server.once('pong', resolve));
    server.ping();
    await Promise.all([pinged, ponged]);
    const heard = new Promise((resolve) => server.once('ping', resolve));
    await Promise.all([client.ping(), heard]);
  });

  it('closes with a code and a reason, and tells of the peer', async () => {
    const [client, server] = await open();
    const closed = new Promise((resolve) => server.on('close', (...args) => resolve(args)));
    client.close(4001, 'enough');
    expect(await closed).toEqual([4001, Buffer.from('enough')]);
    expect(server.readyState).toBe(server.CLOSED);
    // Too late is no exception: `ws` tells the callback.
    const callback = vi.fn();
    server.send('anybody?');
    server.send('anybody?', callback);
    await expect.poll(() => callback.mock.calls).toMatchObject([[{ code: 'WS_CLOSED' }]]);

    const [other, mine] = await open();
    mine.close(4002, Buffer.from('mine'));
    expect(mine.readyState).toBe(mine.CLOSING);
    expect(await other.closed).toMatchObject({ code: 4002, reason: 'mine' });
  });

  it('emits an error if somebody listens, and terminates', async () => {
    const [client, server] = await open();
    const onError = vi.fn();
    server.on('error', onError);
    client.destroy();
    await expect.poll(() => onError.mock.calls).toMatchObject([[{ code: expect.any(String) }]]);

    const [other, mine] = await open();
    mine.terminate();
    expect(await other.closed).toMatchObject({ code: 1006 });
  });

  it('holds the peer back while it is paused', async () => {
    const [client, server] = await open();
    const received = vi.fn();
    server.on('message', received);
    server.pause();
    client.send('later');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(received).not.toHaveBeenCalled();
    server.resume();
    await expect.poll(() => received.mock.calls.length).toBe(1);
  });

  it('reports what an async listener rejects with', async () => {
    const onError = vi.fn();
    const app = await buildApp({ onError });
    const handler = withWsSocket<WsSocket>((socket) => {
      socket.on('message', async () => {
        throw new Error('in a listener');
      });
    });
    app.get('/a', { websocket: true }, handler);
    const client = await app.injectWS('/a');
    client.send('hello');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(onError).toHaveBeenCalledTimes(1);
  });
});

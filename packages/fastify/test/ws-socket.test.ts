import type { WsSocket } from '@heddle/node';
import { expect, it, vi } from 'vitest';
import { withWsSocket } from '../src/index.ts';
import { buildApp, nextMessage } from './app.ts';

it('withWsSocket gives a handler the socket of ws 8 that it was written for', async () => {
  const app = await buildApp({ subprotocols: ['v1'] });
  const instance = vi.fn();
  const handler = withWsSocket<WsSocket>(function (socket, request) {
    instance(this === app, request.url, socket.protocol);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  app.get('/a', { websocket: true }, handler);
  const client = await app.injectWS('/a', { subprotocols: ['v1'] });
  client.send('text');
  expect(await nextMessage(client)).toBe('text');
  client.send(Buffer.from([1]));
  expect(await nextMessage(client)).toEqual(Buffer.from([1]));
  expect(instance.mock.calls).toEqual([[true, '/a', 'v1']]);
});

it('withWsSocket reports what an async listener rejects with', async () => {
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

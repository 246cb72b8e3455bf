import { once } from 'node:events';
import { connect } from '@heddle/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../src/message-limit.ts';
import { buildApp } from '../src/server/app.ts';

describe('the echo server', () => {
  it('sends back what comes: text, binary, empty, and as large as it may be', async () => {
    const { ws } = await listening();
    const socket = await connect(ws);
    const messages = ['hello', Buffer.from('00ff', 'hex'), '', 'x'.repeat(MAX_MESSAGE_BYTES)];
    for (const message of messages) socket.send(message);
    const echoes = [];
    for await (const echo of socket) if (echoes.push(echo) === messages.length) break;
    expect(echoes).toEqual(messages);
    expect(await socket.close()).toMatchObject({ code: 1000, wasClean: true });
  });

  it('does not read from a client that does not take the echoes', async () => {
    const { ws, sockets } = await listening();
    const limits = { maxBufferedBytes: 2 ** 30, highWaterMarkBytes: 2 ** 30 };
    const socket = await connect(ws, { limits });
    socket.on('message', () => undefined);
    socket.pause();
    // More than TCP takes in both directions.
    for (let n = 0; n < 64; n++) socket.send(Buffer.alloc(MAX_MESSAGE_BYTES));
    await standsStill(() => socket.bufferedBytes);
    expect(socket.bufferedBytes).toBeGreaterThan(32 * MAX_MESSAGE_BYTES);
    expect(sockets.stats().bufferedBytes).toBeLessThan(2 * MAX_MESSAGE_BYTES);
    socket.destroy();
  });

  it('says on a plain GET how to connect, by the name under which it was asked', async () => {
    const { http, ws } = await listening();
    for (const path of ['/', '/echo']) {
      const response = await fetch(http + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await response.text()).toContain(`node dist/client/main.js ${ws}\n`);
    }
  });

  it('has nothing elsewhere, for a WebSocket neither', async () => {
    const { http, ws } = await listening();
    const response = await fetch(`${http}/elsewhere`);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe(`There is nothing here. The echo: ${ws}\n`);
    await expect(connect(`${http}/elsewhere`)).rejects.toMatchObject({ status: 404 });
  });

  it('refuses pages of other origins', async () => {
    const { ws } = await listening();
    const headers = { Origin: 'http://elsewhere.example' };
    await expect(connect(ws, { headers })).rejects.toMatchObject({ status: 403 });
  });
});

async function listening() {
  const { app, sockets } = buildApp();
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    await sockets.close({ timeoutMs: 0 });
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}/echo`, sockets };
}

/** Resolves when `read` has returned the same for half a second. */
async function standsStill(read: () => number): Promise<void> {
  for (let before = -1; before !== read(); ) {
    before = read();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import websocket from '../src/index.ts';
import { bareApp, buildApp, listen, nextMessage } from './app.ts';

describe('app.close', () => {
  it('closes every connection with 1001, and waits for the peers', async () => {
    const app = await buildApp();
    app.ws('/a', () => {});
    const sockets = [await app.injectWS('/a'), await app.injectWS('/a')];
    expect(app.websocketServer.clients.size).toBe(2);
    await app.close();
    expect(app.websocketServer.clients.size).toBe(0);
    for (const socket of sockets) {
      expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true });
    }
  });

  it('waits no longer than closingTimeoutMs for one that is deaf', async () => {
    const app = await buildApp({ closingTimeoutMs: 100 });
    app.ws('/a', () => {});
    const client = new WebSocket(`ws://${await listen(app)}/a`);
    const closed = new Promise((resolve) => client.on('close', resolve));
    await new Promise((resolve) => client.on('open', resolve));
    client.pause();
    const startedAt = performance.now();
    await app.close();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    client.resume();
    await closed;
  });

  it('comes after preClose hooks that were added before the plugin, which may say goodbye', async () => {
    const app = bareApp();
    app.addHook('preClose', async () => {
      for (const socket of app.websocketServer.clients) socket.send('goodbye');
    });
    await app.register(websocket);
    app.ws('/a', () => {});
    const socket = await app.injectWS('/a');
    const message = nextMessage(socket);
    await app.close();
    expect(await message).toBe('goodbye');
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });

  it('is done at once where nothing was opened, and before the application was ready', async () => {
    const app = await buildApp();
    await app.close();
    await expect(app.websocketServer.sockets.closed).resolves.toBeUndefined();
  });
});

import { describe, expect, it, vi } from 'vitest';
import { buildApp, nextMessage } from './app.ts';

describe('app.websocketServer', () => {
  it('knows every connection while it lasts', async () => {
    const app = await buildApp();
    app.ws('/a', () => {});
    app.get('/b', { websocket: true }, () => {});
    const sockets = [await app.injectWS('/a'), await app.injectWS('/b')];
    const { clients, sockets: all } = app.websocketServer;
    expect(clients.size).toBe(2);
    expect(all.stats()).toMatchObject({ connections: 2, opened: 2, refused: 0 });
    for (const client of clients) client.close(1001, 'all of you');
    for (const socket of sockets) {
      expect(await socket.closed).toMatchObject({ code: 1001, reason: 'all of you' });
    }
    await expect.poll(() => clients.size).toBe(0);
  });

  it('tells of each connection before the handler gets it, and when all is closed', async () => {
    const app = await buildApp();
    const calls: unknown[] = [];
    app.websocketServer.on('connection', (socket, request) => {
      calls.push(['connection', request.url, app.websocketServer.clients.has(socket)]);
    });
    app.websocketServer.once('close', () => calls.push('close'));
    app.ws('/a', () => void calls.push('handler'));
    await app.injectWS('/a');
    expect(calls).toEqual([['connection', '/a', true], 'handler']);
    await app.close();
    expect(calls.at(-1)).toBe('close');
  });

  it("hands what a 'connection' listener throws to onError, as the handler's", async () => {
    const onError = vi.fn();
    const app = await buildApp({ onError });
    app.websocketServer.on('connection', () => {
      throw new Error('no more');
    });
    app.ws('/a', () => expect.unreachable());
    expect(await (await app.injectWS('/a')).closed).toMatchObject({ code: 1011 });
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('has options.handleProtocols, for the routes that say nothing about subprotocols', async () => {
    const app = await buildApp();
    const handleProtocols = vi.fn((offered: Set<string>) => offered.has('v1') && 'v1');
    app.websocketServer.options.handleProtocols = handleProtocols;
    app.ws('/a', (socket) => socket.send(String(socket.subprotocol)));
    app.ws('/b', { subprotocols: ['v2'] }, (socket) => socket.send(String(socket.subprotocol)));
    const subprotocols = ['v2', 'v1'];
    expect(await nextMessage(await app.injectWS('/a', { subprotocols }))).toBe('v1');
    expect(await nextMessage(await app.injectWS('/b', { subprotocols }))).toBe('v2');
    expect(handleProtocols).toHaveBeenCalledTimes(1);
    const other = await app.injectWS('/a', { subprotocols: ['v3'] });
    expect(await nextMessage(other)).toBe('undefined');
  });
});

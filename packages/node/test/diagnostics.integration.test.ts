import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../src/client/connect.ts';
import type { Diagnostics } from '../src/diagnostics.ts';
import type { ServerOptions } from '../src/options.ts';
import { acceptWebSockets } from '../src/server/accept-web-sockets.ts';
import { routeUpgrades } from '../src/server/route-upgrades.ts';
import { text } from './frames.ts';
import { RunningServer } from './running-server.ts';
import { expectNothingUncaught } from './uncaught.ts';

expectNothingUncaught();

/** What a channel tells until the end of the test. */
function listen<Name extends keyof Diagnostics>(name: Name): Diagnostics[Name][] {
  const told: Diagnostics[Name][] = [];
  const listener = (what: unknown): void => {
    told.push(what as Diagnostics[Name]);
  };
  subscribe(name, listener);
  onTestFinished(() => {
    unsubscribe(name, listener);
  });
  return told;
}

function echo(options: ServerOptions = {}): Promise<RunningServer> {
  return RunningServer.start((server) =>
    acceptWebSockets(server, options, (socket) => {
      socket.on('message', (message) => socket.send(message));
    }),
  );
}

describe('The channels', () => {
  it('tell of a connection from its opening to its end, on the server and on the client', async () => {
    const running = await echo();
    const opened = listen('heddle:connection:open');
    const messages = listen('heddle:connection:message');
    const closed = listen('heddle:connection:close');
    const socket = await connect(`ws://127.0.0.1:${running.port}/`);
    const replies: unknown[] = [];
    socket.on('message', (message) => replies.push(message));
    socket.send('hello');
    await expect.poll(() => replies).toEqual(['hello']);
    await socket.close();
    await expect.poll(() => closed.length).toBe(2);
    expect(opened.map((told) => told.socket.request === undefined).toSorted()).toEqual([
      false,
      true,
    ]);
    expect(messages.map(({ message }) => message)).toEqual(['hello', 'hello']);
    expect(new Set(closed.map((told) => told.socket))).toEqual(
      new Set(opened.map((told) => told.socket)),
    );
    for (const { info } of closed) expect(info).toMatchObject({ code: 1000, wasClean: true });
  });

  it('tell of a handshake that was refused, by us and by the application', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (_request, response) => response.writeHead(401).end()),
    );
    const refused = listen('heddle:upgrade:refused');
    await (await running.peer()).handshake({ headers: { 'Sec-WebSocket-Key': 'short' } });
    await (await running.peer()).handshake({ path: '/private' });
    await expect.poll(() => refused.length).toBe(2);
    expect(refused[0]).toMatchObject({ status: 400, reason: 'WS_HANDSHAKE_KEY' });
    expect(refused[1]).toMatchObject({ status: 401, reason: undefined });
    expect(refused[1]?.request.url).toBe('/private');
  });

  it('tell what a limit does: to a request, and to a connection', async () => {
    const limited = listen('heddle:limit');
    const running = await echo({ limits: { maxConnections: 1, maxMessageBytes: 10 } });
    const peer = await running.peer();
    await peer.handshake();
    await (await running.peer()).handshake();
    peer.sends(text('more than ten bytes'));
    await peer.receivesFrame();
    expect(limited).toMatchObject([
      { limit: 'maxConnections', action: 'refuse', socket: undefined },
      { limit: 'maxMessageBytes', action: 'close' },
    ]);
    expect(limited[0]?.request?.headers.upgrade).toBe('websocket');
    expect(limited[1]?.socket?.request).toBe(limited[1]?.request);
    expect(running.sockets.stats().limited).toMatchObject({
      maxConnections: 1,
      maxMessageBytes: 1,
    });
  });

  it('tell of each message that slowConsumer drops', async () => {
    const limited = listen('heddle:limit');
    const running = await RunningServer.start((server) =>
      acceptWebSockets(
        server,
        { slowConsumer: 'drop-newest', limits: { maxBufferedBytes: 100_000 } },
        (socket) => {
          for (let sent = 0; sent < 200; sent++) socket.send('x'.repeat(100_000));
        },
      ),
    );
    const peer = await running.peer();
    peer.pause();
    await peer.handshake().catch(() => {});
    await expect.poll(() => limited.length).toBeGreaterThan(100);
    expect(new Set(limited.map(({ limit, action }) => `${limit} ${action}`))).toEqual(
      new Set(['maxBufferedBytes drop']),
    );
    expect(running.sockets.stats().limited.maxBufferedBytes).toBe(limited.length);
  });
});

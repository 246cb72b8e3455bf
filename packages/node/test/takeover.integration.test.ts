import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../src/deferred.ts';
import { pendingUpgrade } from '../src/pending-upgrade.ts';
import { routeUpgrades } from '../src/route-upgrades.ts';
import { RunningServer } from './running-server.ts';
import { expectNothingUncaught } from './uncaught.ts';

expectNothingUncaught();

describe('what is left of HTTP on the socket', () => {
  it('is nothing: no listener of its own, no timeout', async () => {
    const names = new Deferred<string[]>();
    const running = await RunningServer.start((server) => {
      server.keepAliveTimeout = 50;
      server.timeout = 60;
      return routeUpgrades(server, (request, response) => {
        const { socket } = request;
        pendingUpgrade(request)?.accept({}, (connection) => {
          const listeners = socket.eventNames().flatMap((name) => socket.listeners(name));
          names.resolve(listeners.map(({ name }) => name));
          connection.on('message', (message) => connection.send(`${socket.timeout} ${message}`));
        });
        response.writeHead(101).end();
      });
    });
    const peer = await running.peer();
    await peer.handshake();
    // Node's own end with these words; ours are the connection's alone.
    for (const name of await names.promise) expect(name).not.toMatch(/^(socketOn|onServer|abort)/);
    await new Promise((resolve) => setTimeout(resolve, 150));
    peer.sendsFrame({ opcode: 1, payload: 'still here' });
    await peer.receivesText('0 still here');
  });

  it('loses no frame that comes in one segment with the handshake, or while it is decided', async () => {
    const decided = new Deferred<void>();
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, async (request, response) => {
        pendingUpgrade(request)?.accept({}, (socket) => {
          socket.on('message', (message) => socket.send(String(message)));
        });
        await decided.promise;
        response.writeHead(101).end();
      }),
    );
    const peer = await running.peer();
    const answer = peer.handshake({ followedBy: peer.frame({ opcode: 1, payload: 'one' }) });
    peer.sendsFrame({ opcode: 1, payload: 'two' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    peer.sendsFrame({ opcode: 1, payload: 'three' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    decided.resolve();
    await answer;
    for (const text of ['one', 'two', 'three']) await peer.receivesText(text);
  });

  it('waits for the answer to an earlier request of the same connection', async () => {
    const slow = new Deferred<ServerResponse>();
    const running = await RunningServer.start(
      (server) =>
        routeUpgrades(server, (request, response) => {
          pendingUpgrade(request)?.accept({}, (socket) => socket.send('hello'));
          response.writeHead(101).end();
        }),
      { listener: (_request, response) => slow.resolve(response) },
    );
    const peer = await running.peer();
    peer.sends('47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a 48 6f 73 74 3a 20 78 0d 0a 0d 0a');
    const first = peer.handshake();
    const response = await slow.promise;
    await new Promise((resolve) => setTimeout(resolve, 30));
    response.end('the page');
    expect(await first).toMatchObject({ status: 200, body: 'the page' });
    expect((await peer.receivesResponse()).status).toBe(101);
    await peer.receivesText('hello');
  });
});

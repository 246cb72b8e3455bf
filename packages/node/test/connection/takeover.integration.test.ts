import type { ServerResponse } from 'node:http';
import { duplexPair } from 'node:stream';
import { encodeRequest, ScriptedPeer } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('what is left of HTTP on the socket', () => {
  it('is nothing: no listener of its own, no timeout', async () => {
    const names = new Deferred<string[]>();
    const noDelay: unknown[] = [];
    const running = await RunningServer.start((server) => {
      server.keepAliveTimeout = 50;
      server.timeout = 60;
      return routeUpgrades(server, (request, response) => {
        const { socket } = request;
        socket.setNoDelay = (on) => {
          noDelay.push(on);
          return socket;
        };
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
    // Those of Node's server, and ours from before: what is left is the connection's.
    const before = /^(socketOn|onServer|abort|#on(Error|Gone)$)/;
    for (const name of await names.promise) expect(name).not.toMatch(before);
    expect(noDelay).toEqual([true]);
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
    peer.sends(encodeRequest({ headers: { Host: 'x' } }));
    const first = peer.handshake();
    const response = await slow.promise;
    await new Promise((resolve) => setTimeout(resolve, 30));
    response.end('the page');
    expect(await first).toMatchObject({ status: 200, body: 'the page' });
    expect((await peer.receivesResponse()).status).toBe(101);
    await peer.receivesText('hello');
  });

  it('works on any stream that the server is given as a connection', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        if (request.url === '/closed') response.writeHead(401).end('no');
        else {
          pendingUpgrade(request)?.accept({}, (socket) => socket.send('hello'));
          response.writeHead(101).end();
        }
      }),
    );
    const peers = ['/chat', '/closed', '/lost'].map((path) => {
      const [near, far] = duplexPair();
      running.server.emit('connection', far);
      return { path, peer: new ScriptedPeer(near) };
    });
    const statuses = peers.map(async ({ path, peer }) => (await peer.handshake({ path })).status);
    expect(await Promise.all(statuses)).toEqual([101, 401, 101]);
    const [chat, closed, lost] = peers;
    await chat?.peer.receivesText('hello');
    await closed?.peer.receivesEnd();
    lost?.peer.end();
    await expect.poll(() => running.sockets.connections.size).toBe(1);
  });
});

import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import type { Dispatch } from '../../src/server/upgrade-host.ts';
import { RunningServer } from '../running-server.ts';
import { TimerWatch } from '../timers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

function start(dispatch: Dispatch): Promise<RunningServer> {
  return RunningServer.start((server) =>
    routeUpgrades(server, dispatch, { handshakeTimeoutMs: 60 }),
  );
}

it('answers 503 for an application that takes too long, and lets it end in peace', async () => {
  const asked = new Deferred<ServerResponse>();
  const reasons: unknown[] = [];
  let opened = 0;
  const running = await start((request, response) => {
    const pending = pendingUpgrade(request);
    pending?.signal.addEventListener('abort', () => reasons.push(pending.signal.reason));
    pending?.accept({}, () => opened++);
    asked.resolve(response);
  });
  const peer = await running.peer();
  const response = await peer.handshake();
  expect(response).toMatchObject({ status: 503, body: expect.stringContaining('in time') });
  expect(response.header('Connection')).toBe('close');
  expect(response.header('Retry-After')).toBeDefined();
  await peer.receivesEnd();
  expect(reasons).toEqual([expect.objectContaining({ name: 'TimeoutError' })]);
  const late = await asked.promise;
  expect(late.destroyed).toBe(true);
  late.setHeader('X-Late', '1');
  late.writeHead(101).end('too late');
  expect(opened).toBe(0);
  peer.end();
  await expect.poll(() => running.connections()).toBe(0);
  expect(running.sockets.stats()).toMatchObject({ refused: 1, abandoned: 0, pendingUpgrades: 0 });
});

it('breaks off an answer that does not end', async () => {
  const running = await start((_request, response) => {
    response.writeHead(200, { 'Content-Length': 1_000 }).write('it was a dark and stormy night');
  });
  const peer = await running.peer();
  await expect(peer.handshake()).rejects.toThrow();
  await expect.poll(() => running.connections()).toBe(0);
});

it('is over once there is an answer', async () => {
  const running = await start((request, response) => {
    const pending = pendingUpgrade(request);
    pending?.accept({}, (socket) => {
      setTimeout(() => socket.send(`aborted: ${pending.signal.aborted}`), 120);
    });
    response.writeHead(101).end();
  });
  const peer = await running.peer();
  await peer.handshake();
  await peer.receivesText('aborted: false');
});

it('has a timer that does not keep the process, and ends with the handshake', async () => {
  const timers = new TimerWatch();
  const asked = new Deferred<ServerResponse>();
  const running = await RunningServer.start((server) => {
    const dispatch: Dispatch = (_request, response) => asked.resolve(response);
    return routeUpgrades(server, dispatch, { handshakeTimeoutMs: 54_321 });
  });
  const peer = await running.peer();
  const answer = peer.handshake();
  const response = await asked.promise;
  expect(timers.of(54_321)).toEqual(['waits']);
  response.writeHead(404).end();
  await answer;
  expect(timers.of(54_321)).toEqual(['cleared']);
});

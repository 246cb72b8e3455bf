import { getEventListeners } from 'node:events';
import { UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import type { UpgradeOptions } from '../../src/options.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { type RouteUpgradesOptions, routeUpgrades } from '../../src/server/route-upgrades.ts';
import { CONNECTION_BYTES } from '../../src/server/server-budget.ts';
import { RunningServer } from '../running-server.ts';
import { TimerWatch } from '../timers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** Accepts everything at once but `/slow`, which nobody answers. */
function start(options: RouteUpgradesOptions = {}, route: UpgradeOptions = {}) {
  return RunningServer.start((server) =>
    routeUpgrades(
      server,
      (request, response) => {
        if (request.url === '/slow') return;
        pendingUpgrade(request)?.accept(route, () => {});
        response.writeHead(101).end();
      },
      options,
    ),
  );
}

describe('sockets.close()', () => {
  it('closes everyone with 1001, and resolves when they are gone', async () => {
    const running = await start();
    const clients = [await running.client('/'), await running.client('/')];
    await running.sockets.close({ timeoutMs: 60_000 });
    for (const client of clients) expect(await client.closed).toEqual({ code: 1001, reason: '' });
    expect(running.sockets.connections.size).toBe(0);
    await running.sockets.closed;
  });

  it('takes another code and a reason', async () => {
    const running = await start();
    const client = await running.client('/');
    await running.sockets.close({ code: 1012, reason: 'back in a minute' });
    expect(await client.closed).toEqual({ code: 1012, reason: 'back in a minute' });
  });

  it('refuses a code that no close frame may have, and goes on', async () => {
    const running = await start();
    expect(() => running.sockets.close({ code: 1006 })).toThrow(UsageError);
    expect((await (await running.peer()).handshake()).status).toBe(101);
  });

  it('drops who does not answer in time', async () => {
    const running = await start();
    const deaf = await running.peer();
    await deaf.handshake();
    const startedAt = performance.now();
    await running.sockets.close({ timeoutMs: 100 });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await deaf.receivesFrame()).toMatchObject({ opcode: 8 });
    await expect.poll(() => running.connections()).toBe(0);
  });

  it('refuses with 503 and Retry-After who comes later, and who still waits', async () => {
    const running = await start();
    const waiting = await running.peer();
    const answer = waiting.handshake({ path: '/slow' });
    const deaf = await running.peer();
    await deaf.handshake();
    await expect.poll(() => running.sockets.stats().pendingUpgrades).toBe(1);
    const closed = running.sockets.close({ timeoutMs: 100 });
    const late = await (await running.peer()).handshake();
    for (const response of [await answer, late]) {
      expect(response).toMatchObject({ status: 503, body: expect.stringContaining('shutting') });
      expect(response.header('Retry-After')).toBeDefined();
      expect(response.header('Connection')).toBe('close');
    }
    await closed;
    expect((await (await running.peer()).handshake()).status).toBe(503);
    expect(running.sockets.stats()).toMatchObject({ refused: 3, pendingUpgrades: 0 });
  });

  it('closes a connection whose 101 was on its way', async () => {
    const running = await RunningServer.start((server) => {
      const sockets = routeUpgrades(server, (request, response) => {
        pendingUpgrade(request)?.accept({}, (socket) => socket.send('hello'));
        response.writeHead(101).end();
        // The response has not finished: its bytes have not been written.
        void sockets.close();
      });
      return sockets;
    });
    const client = await running.client('/');
    expect(await client.next()).toBe('hello');
    expect((await client.closed).code).toBe(1001);
    await running.sockets.closed;
  });

  it('drops an answer that does not end in time', async () => {
    const asked = new Deferred<void>();
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (_request, response) => {
        response.writeHead(200, { 'Content-Length': 99 }).write('and so on');
        asked.resolve();
      }),
    );
    const peer = await running.peer();
    const answer = peer.handshake();
    await asked.promise;
    await running.sockets.close({ timeoutMs: 50 });
    await expect(answer).rejects.toThrow();
  });

  it('happens once: a second call waits for the first', async () => {
    const running = await start();
    const client = await running.client('/');
    const first = running.sockets.close({ code: 1012 });
    expect(running.sockets.close({ code: 4000 })).toBe(first);
    await running.sockets[Symbol.asyncDispose]();
    expect((await client.closed).code).toBe(1012);
  });

  it('resolves at once where there is nobody', async () => {
    const sockets = routeUpgrades(undefined, () => {});
    await sockets.close();
  });

  it('has a timer that does not keep the process, and ends with the connections', async () => {
    const timers = new TimerWatch();
    const running = await start();
    const deaf = await running.peer();
    await deaf.handshake();
    const closed = running.sockets.close({ timeoutMs: 54_321 });
    expect(timers.of(54_321)).toEqual(['waits']);
    deaf.destroy();
    await closed;
    expect(timers.of(54_321)).toEqual(['cleared']);
  });
});

describe('signal', () => {
  it('of the server: closes everything with 1001', async () => {
    const abort = new AbortController();
    const running = await start({ signal: abort.signal });
    const client = await running.client('/');
    abort.abort();
    expect((await client.closed).code).toBe(1001);
    await running.sockets.closed;
    expect((await (await running.peer()).handshake()).status).toBe(503);
  });

  it('has no listener left of sockets that have closed', async () => {
    const abort = new AbortController();
    const listeners = () => getEventListeners(abort.signal, 'abort').length;
    const running = await start({ signal: abort.signal });
    expect(listeners()).toBe(1);
    await running.sockets.close();
    expect(listeners()).toBe(0);
    const routed = await start({}, { signal: abort.signal });
    const client = await routed.client('/');
    expect(listeners()).toBe(1);
    await client.close();
    await expect.poll(listeners).toBe(0);
  });

  it('that has aborted: nothing opens', async () => {
    const running = await start({ signal: AbortSignal.abort() });
    expect((await (await running.peer()).handshake()).status).toBe(503);
  });

  it('of a route: closes the connections of that route', async () => {
    const abort = new AbortController();
    const running = await start({}, { signal: abort.signal });
    const client = await running.client('/');
    const gone = await running.client('/');
    await gone.close();
    abort.abort();
    expect((await client.closed).code).toBe(1001);
    // The server goes on; a connection of this route closes as soon as it is open.
    expect((await (await running.client('/')).closed).code).toBe(1001);
  });
});

it('stats() counts what there is, and what there was', async () => {
  const running = await start();
  const { limited } = running.sockets.stats();
  expect(new Set(Object.values(limited))).toEqual(new Set([0]));
  const bytes = { bufferedBytes: 0, retainedBytes: 0 };
  const zero = { connections: 0, pendingUpgrades: 0, ...bytes, refused: 0, abandoned: 0, limited };
  expect(running.sockets.stats()).toEqual({ ...zero, opened: 0 });
  const client = await running.client('/');
  const waiting = await running.peer();
  waiting.handshake({ path: '/slow' }).catch(() => {});
  await (await running.peer()).handshake({ method: 'POST' });
  await expect
    .poll(() => running.sockets.stats())
    .toEqual({
      ...zero,
      connections: 1,
      pendingUpgrades: 1,
      retainedBytes: CONNECTION_BYTES,
      opened: 1,
      refused: 1,
    });
  for (const connection of running.sockets.connections) connection.send('x'.repeat(1_000));
  const { bufferedBytes, retainedBytes } = running.sockets.stats();
  expect(bufferedBytes).toBeGreaterThan(1_000);
  expect(retainedBytes).toBe(CONNECTION_BYTES + bufferedBytes);
  waiting.destroy();
  await client.close();
  await expect
    .poll(() => running.sockets.stats())
    .toEqual({ ...zero, opened: 1, refused: 1, abandoned: 1 });
});

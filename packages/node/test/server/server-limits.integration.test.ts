import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../src/options.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { startHttp2 } from '../http2-server.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** An application behind a proxy that it trusts: the client's address is in a header field. */
function startRouted(limits: ServerOptions['limits']) {
  return RunningServer.start((server) =>
    routeUpgrades(
      server,
      (request, response) => {
        if (request.url === '/slow') return;
        const address = request.headers['x-real-ip'];
        pendingUpgrade(request)?.accept({}, () => {}, {
          address: typeof address === 'string' ? address : undefined,
        });
        response.writeHead(request.url === '/refused' ? 403 : 101).end();
      },
      { limits: { ...limits } },
    ),
  );
}

describe('maxConnectionsPerAddress', () => {
  it('refuses one more of an address with 503 and Retry-After, until one is gone', async () => {
    const running = await RunningServer.start((server) =>
      acceptWebSockets(server, { limits: { maxConnectionsPerAddress: 2 } }, () => {}),
    );
    const clients = [await running.client('/'), await running.client('/')];
    const refused = await (await running.peer()).handshake();
    expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('127.0.0.1') });
    expect(refused.header('Retry-After')).toBe('5');
    expect(running.sockets.stats()).toMatchObject({ opened: 2, refused: 1 });
    expect(running.sockets.stats().limited.maxConnectionsPerAddress).toBe(1);
    await clients[0]?.close();
    await expect.poll(async () => (await (await running.peer()).handshake()).status).toBe(101);
  });

  it('is about the client that a trusted proxy names', async () => {
    const running = await startRouted({ maxConnectionsPerAddress: 1 });
    const from = async (address: string, path = '/') => {
      const headers = { 'X-Real-IP': address };
      return (await (await running.peer()).handshake({ path, headers })).status;
    };
    expect(await from('192.0.2.1')).toBe(101);
    expect(await from('192.0.2.2')).toBe(101);
    expect(await from('2001:db8::1')).toBe(101);
    // What the application does with the error is its own: here nothing catches it.
    expect(await from('192.0.2.1')).toBe(503);
    expect(await from('2001:db8::2')).toBe(503);
  });

  it('counts no handshake that the application refuses after all', async () => {
    const running = await startRouted({ maxConnectionsPerAddress: 1 });
    for (let tried = 0; tried < 3; tried++) {
      const peer = await running.peer();
      expect((await peer.handshake({ path: '/refused' })).status).toBe(403);
    }
    expect((await (await running.peer()).handshake()).status).toBe(101);
  });

  it('counts WebSockets over HTTP/2, too', async () => {
    const { session } = await startHttp2((server) =>
      acceptWebSockets(server, { limits: { maxConnectionsPerAddress: 2 } }, () => {}),
    );
    const statuses = [];
    for (let opened = 0; opened < 3; opened++) {
      statuses.push((await session.handshake().receivesResponse()).status);
    }
    expect(statuses).toEqual([200, 200, 503]);
  });
});

describe('maxPendingUpgrades', () => {
  it('refuses more with 503 and Retry-After while the application has not answered', async () => {
    const running = await startRouted({ maxPendingUpgrades: 2 });
    const waiting = [await running.peer(), await running.peer()];
    for (const peer of waiting) peer.handshake({ path: '/slow' }).catch(() => {});
    await expect.poll(() => running.sockets.stats().pendingUpgrades).toBe(2);
    const refused = await (await running.peer()).handshake();
    expect(refused.status).toBe(503);
    expect(refused.header('Retry-After')).toBe('5');
    expect(running.sockets.stats().limited.maxPendingUpgrades).toBe(1);
    waiting[0]?.destroy();
    await expect.poll(() => running.sockets.stats().pendingUpgrades).toBe(1);
    expect((await (await running.peer()).handshake()).status).toBe(101);
  });
});

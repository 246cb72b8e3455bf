import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { encodeRequest, type ScriptedPeer, textBytes } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { type RouteUpgradesOptions, routeUpgrades } from '../../src/server/route-upgrades.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

/** Accepts `/foreign` after so many milliseconds, without a word of HTTP beyond the status line. */
function foreignListener(delayMs: number, path = '/foreign') {
  return ({ url }: IncomingMessage, socket: Duplex): void => {
    if (url !== path) return;
    const take = (): void => {
      socket.on('data', (chunk: Buffer) => socket.write(chunk));
      socket.on('end', () => socket.end());
      socket.write('HTTP/1.1 101 Foreign\r\n\r\n');
    };
    if (delayMs === 0) take();
    else setTimeout(take, delayMs);
  };
}

/** An application with `/chat`, `/closed` (401) and a page for everything below `/page`. */
function application(server: Server, options: RouteUpgradesOptions = {}, seen: string[] = []) {
  return routeUpgrades(
    server,
    (request, response) => {
      seen.push(String(request.url));
      if (request.url === '/chat') {
        pendingUpgrade(request)?.accept({}, (socket) => socket.send('hello'));
        response.writeHead(101).end();
      } else if (request.url === '/closed') response.writeHead(401).end('no');
      else if (request.url === '/post') response.writeHead(405).end('POST only');
      else if (request.url?.startsWith('/page')) response.writeHead(200).end('a page');
      else response.writeHead(404).end('nothing here');
    },
    options,
  );
}

describe('beside another upgrade listener', () => {
  it.each([0, 30])(
    'leaves it the sockets that it takes, at once or %i ms later',
    async (delayMs) => {
      for (const order of ['before', 'after']) {
        const running = await RunningServer.start((server) => {
          if (order === 'before') server.on('upgrade', foreignListener(delayMs));
          const sockets = application(server);
          if (order === 'after') server.on('upgrade', foreignListener(delayMs));
          return sockets;
        });
        const peer = await running.peer();
        expect(await peer.handshake({ path: '/foreign' })).toMatchObject({ reason: 'Foreign' });
        // The socket is not corked: what the other listener writes leaves.
        peer.sends(textBytes('foreign protocol'));
        await peer.receives(textBytes('foreign protocol'));
        peer.end();
        await peer.receivesEnd();
        await expect.poll(() => running.connections()).toBe(0);
        expect(running.sockets.stats()).toMatchObject({
          refused: 0,
          opened: 0,
          pendingUpgrades: 0,
        });
      }
    },
  );

  it('does not even ask the application for what the other takes at once', async () => {
    const seen: string[] = [];
    const running = await RunningServer.start((server) => {
      const sockets = application(server, {}, seen);
      server.on('upgrade', foreignListener(0, '/chat'));
      return sockets;
    });
    const peer = await running.peer();
    expect(await peer.handshake({ path: '/chat' })).toMatchObject({ reason: 'Foreign' });
    expect(seen).toEqual([]);
  });

  it.each(['/nowhere', '/post', '/page/chat'])(
    'says nothing for %s, which has no WebSocket here, and drops a client that gives up',
    async (path) => {
      const running = await RunningServer.start((server) => {
        server.on('upgrade', foreignListener(0));
        return application(server, { handshakeTimeoutMs: 50 });
      });
      const peer = await running.peer();
      const answer = peer.handshake({ path }).catch(() => 'nothing');
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(await running.connections()).toBe(1);
      peer.end();
      await expect.poll(() => running.connections()).toBe(0);
      expect(await answer).toBe('nothing');
    },
  );

  it("answers for its own: a route's 101, and a refusal", async () => {
    const running = await RunningServer.start((server) => {
      server.on('upgrade', foreignListener(30));
      return application(server);
    });
    const peer = await running.peer();
    expect((await peer.handshake({ path: '/chat' })).status).toBe(101);
    await peer.receivesText('hello');
    const refused = await running.peer();
    expect(await refused.handshake({ path: '/closed' })).toMatchObject({ status: 401, body: 'no' });
    await refused.receivesEnd();
  });

  it('lets the framework finish a response that goes nowhere', async () => {
    const events: string[] = [];
    const running = await RunningServer.start((server) => {
      server.on('upgrade', foreignListener(0));
      return routeUpgrades(server, (_request, response) => {
        for (const event of ['finish', 'close']) {
          response.on(event, () => events.push(`${event} ${response.statusCode}`));
        }
        response.writeHead(404).end('x'.repeat(100_000));
      });
    });
    const peer = await running.peer();
    const answer = peer.handshake().catch(() => 'nothing');
    await expect.poll(() => events).toEqual(['finish 404', 'close 404']);
    peer.end();
    expect(await answer).toBe('nothing');
  });

  it('keeps away from a response that the other has put on the socket', async () => {
    const seen: string[] = [];
    const running = await RunningServer.start((server) => {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
        const response = new ServerResponse(request);
        response.assignSocket(socket as Socket);
        response.on('finish', () => {
          response.detachSocket(socket as Socket);
          response.emit('close');
        });
        setTimeout(() => response.end('foreign'), 30);
      });
      return application(server, { owns: () => true }, seen);
    });
    const peer = await running.peer();
    expect(await peer.handshake({ path: '/chat' })).toMatchObject({ status: 200, body: 'foreign' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen).toEqual([]);
  });

  it('gives way to an asynchronous one that was faster than the application', async () => {
    const running = await RunningServer.start((server) => {
      server.on('upgrade', foreignListener(20));
      return routeUpgrades(server, (_request, response) => {
        setTimeout(() => response.writeHead(401).end('no'), 60);
      });
    });
    const peer = await running.peer();
    expect((await peer.handshake({ path: '/foreign' })).reason).toBe('Foreign');
    await new Promise((resolve) => setTimeout(resolve, 80));
    peer.sends(textBytes('foreign protocol'));
    await peer.receives(textBytes('foreign protocol'));
  });

  it('leaves it what it took, though the application never answers', async () => {
    const running = await RunningServer.start((server) => {
      server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
        setTimeout(() => {
          socket.write('HTTP/1.1 101 Foreign\r\n\r\n');
          socket.on('data', () => {});
          socket.on('end', () => setTimeout(() => socket.end('bye'), 20));
        }, 20);
      });
      return routeUpgrades(server, () => {}, { handshakeTimeoutMs: 100 });
    });
    const [impatient, patient] = [await running.peer(), await running.peer()];
    for (const peer of [impatient, patient]) expect((await peer.handshake()).status).toBe(101);
    impatient.end();
    await impatient.receives(textBytes('bye'));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(running.sockets.stats()).toMatchObject({ pendingUpgrades: 0, refused: 0, abandoned: 0 });
    patient.end();
    await patient.receives(textBytes('bye'));
  });

  it.each<[string, (peer: ScriptedPeer) => void]>([
    ['ends its half', (peer) => peer.end()],
    ['resets', (peer) => peer.reset()],
  ])('tells the application of a client that %s while it decides', async (_how, lose) => {
    const events: string[] = [];
    const running = await RunningServer.start((server) => {
      server.on('upgrade', () => {});
      return routeUpgrades(server, (request, response) => {
        const { signal } = pendingUpgrade(request) ?? {};
        signal?.addEventListener('abort', () => events.push('abort'));
        request.on('aborted', () => events.push('aborted'));
        response.on('close', () => events.push('close'));
      });
    });
    const peer = await running.peer();
    peer.handshake().catch(() => {});
    await expect.poll(() => running.sockets.stats().pendingUpgrades).toBe(1);
    lose(peer);
    await expect.poll(() => [...events].sort()).toEqual(['abort', 'aborted', 'close']);
    await expect.poll(() => running.connections()).toBe(0);
  });

  it('drops a client that gave up while an earlier request of it was answered', async () => {
    const slow = new Deferred<ServerResponse>();
    const running = await RunningServer.start(
      (server) => {
        server.on('upgrade', foreignListener(0));
        return application(server);
      },
      { listener: (_request, response) => slow.resolve(response) },
    );
    const peer = await running.peer();
    peer.sends(encodeRequest({ headers: { Host: 'x' } }));
    peer.handshake({ path: '/nowhere' }).catch(() => {});
    const response = await slow.promise;
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    response.end('the page');
    await expect.poll(() => running.connections()).toBe(0);
  });

  it('leaves it the requests to upgrade to something else', async () => {
    const running = await RunningServer.start((server) => {
      server.on('upgrade', foreignListener(20));
      return application(server);
    });
    const peer = await running.peer();
    const answer = await peer.handshake({ path: '/foreign', headers: { Upgrade: 'h2c' } });
    expect(answer.reason).toBe('Foreign');
  });

  it('survives a client that resets while nobody has its socket', async () => {
    const running = await RunningServer.start((server) => {
      server.on('upgrade', () => {});
      return application(server);
    });
    for (const Upgrade of ['websocket', 'h2c']) {
      const peer = await running.peer();
      peer.handshake({ path: '/nowhere', headers: { Upgrade } }).catch(() => {});
      await expect.poll(() => running.connections()).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      peer.reset();
      await expect.poll(() => running.connections()).toBe(0);
    }
  });
});

describe('owns', () => {
  const owns = ({ url }: IncomingMessage): boolean => url === '/chat' || url === '/closed';

  it('decides what is dispatched where others listen: those get whole answers', async () => {
    const seen: string[] = [];
    const running = await RunningServer.start((server) => {
      server.on('upgrade', foreignListener(30));
      return application(server, { owns }, seen);
    });
    expect((await (await running.peer()).handshake({ path: '/chat' })).status).toBe(101);
    expect((await (await running.peer()).handshake({ path: '/closed' })).status).toBe(401);
    expect((await (await running.peer()).handshake({ path: '/foreign' })).reason).toBe('Foreign');
    expect(seen).toEqual(['/chat', '/closed']);
  });

  it('does not matter where nobody else listens', async () => {
    const running = await RunningServer.start((server) => application(server, { owns }));
    const peer = await running.peer();
    expect((await peer.handshake({ path: '/nowhere' })).status).toBe(404);
  });

  it('may throw: that is 500 and a warning, not the end of the process', async () => {
    const running = await RunningServer.start((server) =>
      application(server, {
        owns: () => {
          throw new Error('a URL that I did not expect');
        },
      }),
    );
    expect((await (await running.peer()).handshake()).status).toBe(500);
    expect(uncaught.splice(0)).toEqual([new Error('a URL that I did not expect')]);
  });

  it('must be a function', () => {
    const owns = '/chat' as unknown as () => boolean;
    expect(() => routeUpgrades(undefined, () => {}, { owns })).toThrow(/owns must be a function/);
  });
});

describe('several of our own on one server', () => {
  it('share one listener, and know what is nobody’s', async () => {
    const running = await RunningServer.start((server) => {
      acceptWebSockets(server, { path: '/a' }, (socket) => socket.send('from a'));
      return acceptWebSockets(server, { path: '/b' }, (socket) => socket.send('from b'));
    });
    expect(running.server.listenerCount('upgrade')).toBe(1);
    for (const name of ['a', 'b']) {
      const peer = await running.peer();
      expect((await peer.handshake({ path: `/${name}` })).status).toBe(101);
      await peer.receivesText(`from ${name}`);
    }
    expect((await (await running.peer()).handshake({ path: '/c' })).status).toBe(404);
  });

  it('give what has no path of its own to the application', async () => {
    const running = await RunningServer.start((server) => {
      acceptWebSockets(server, { path: '/a' }, (socket) => socket.send('from a'));
      return application(server);
    });
    const peer = await running.peer();
    await peer.handshake({ path: '/a' });
    await peer.receivesText('from a');
    const other = await running.peer();
    await other.handshake({ path: '/chat' });
    await other.receivesText('hello');
    expect((await (await running.peer()).handshake({ path: '/nowhere' })).body).toBe(
      'nothing here',
    );
  });

  it('can be attached to several servers, and detached again', async () => {
    const running = await RunningServer.start(application);
    const other = await RunningServer.start((server) => {
      running.sockets.attach(server);
      running.sockets.attach(server);
      return routeUpgrades(undefined, () => {});
    });
    expect((await (await other.peer()).handshake({ path: '/chat' })).status).toBe(101);
    running.sockets.detach(other.server);
    expect(other.server.listenerCount('upgrade')).toBe(0);
    expect((await (await running.peer()).handshake({ path: '/chat' })).status).toBe(101);
    expect(running.sockets.connections.size).toBe(2);
    running.sockets.detach();
    expect(running.server.listenerCount('upgrade')).toBe(0);
    running.sockets.detach(other.server);
    expect(running.sockets.connections.size).toBe(2);
  });
});

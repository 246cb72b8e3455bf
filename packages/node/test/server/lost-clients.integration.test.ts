import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClosedError } from '@heddle/core';
import { type ScriptedPeer, selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { RunningServer, type RunningServerOptions } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** A server whose application has been asked, and answers when the test wants it to. */
class Asked {
  readonly running: RunningServer;
  readonly peer: ScriptedPeer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What was emitted by the request and its response. */
  readonly events: string[] = [];
  opened = 0;

  static async start(options?: RunningServerOptions): Promise<Asked> {
    const asked = new Deferred<[IncomingMessage, ServerResponse]>();
    const running = await RunningServer.start(
      (server) => routeUpgrades(server, (...args) => asked.resolve(args)),
      options,
    );
    const peer = await running.peer();
    peer.handshake().catch(() => {});
    return new Asked(running, peer, await asked.promise);
  }

  private constructor(
    running: RunningServer,
    peer: ScriptedPeer,
    [request, response]: [IncomingMessage, ServerResponse],
  ) {
    this.running = running;
    this.peer = peer;
    this.request = request;
    this.response = response;
    for (const event of ['aborted', 'error']) request.on(event, () => this.events.push(event));
    response.on('close', () => this.events.push('response close'));
  }

  get signal(): AbortSignal {
    return pendingUpgrade(this.request)?.signal ?? AbortSignal.abort('not pending');
  }

  accept(): void {
    pendingUpgrade(this.request)?.accept({}, () => {
      this.opened += 1;
    });
    this.response.writeHead(101).end();
  }
}

describe.each([
  ['HTTP', {}],
  ['HTTPS', { tls: selfSignedCertificate() }],
])('a client that goes away while the application decides, over %s', (_name, options) => {
  it.each<[string, (asked: Asked) => void]>([
    ['ends its half (FIN)', ({ peer }) => peer.end()],
    ['resets (RST)', ({ peer }) => peer.reset()],
    ['is cut off by an error', ({ request }) => request.socket.destroy(new Error('read EIO'))],
  ])('%s: the request aborts, nothing is left, and a late 101 does no harm', async (_how, lose) => {
    const asked = await Asked.start(options);
    expect(asked.signal.aborted).toBe(false);
    lose(asked);
    await expect.poll(() => asked.signal.aborted).toBe(true);
    expect(asked.signal.reason).toBeInstanceOf(ClosedError);
    await expect.poll(() => asked.running.connections()).toBe(0);
    await expect.poll(() => [...asked.events].sort()).toEqual(['aborted', 'response close']);
    expect(asked.request.destroyed && asked.response.destroyed).toBe(true);
    asked.accept();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked.opened).toBe(0);
    expect(asked.running.sockets.stats()).toMatchObject({
      connections: 0,
      pendingUpgrades: 0,
      opened: 0,
      abandoned: 1,
    });
  });
});

describe('a client that ends its half while it is answered', () => {
  it('still gets the rest of a refusal', async () => {
    const { running, peer, response, events } = await Asked.start();
    response.writeHead(401).write('who are ');
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual([]);
    response.end('you?');
    await expect.poll(() => running.connections()).toBe(0);
    expect(running.sockets.stats()).toMatchObject({ refused: 1, abandoned: 0 });
  });

  it('opens no connection that would never hear of it', async () => {
    // The application has begun its 101 and waits before it ends it.
    const asked = await Asked.start();
    pendingUpgrade(asked.request)?.accept({}, () => {
      asked.opened += 1;
    });
    asked.response.writeHead(101).flushHeaders();
    await new Promise((resolve) => setTimeout(resolve, 20));
    asked.peer.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    asked.response.end();
    await expect.poll(() => asked.running.connections()).toBe(0);
    expect(asked.opened).toBe(0);
    expect(asked.running.sockets.stats()).toMatchObject({ opened: 0, abandoned: 1 });
  });
});

it('a frame and the end of the stream behind it reach a connection that opens later', async () => {
  const asked = await Asked.start();
  const received: unknown[] = [];
  const closed = new Deferred<unknown>();
  // The stream does not end before its bytes are read, so nothing aborts.
  asked.peer.sendsFrame({ opcode: 1, payload: 'last words' });
  asked.peer.end();
  await new Promise((resolve) => setTimeout(resolve, 30));
  pendingUpgrade(asked.request)?.accept({}, (socket) => {
    socket.on('message', (message) => received.push(message));
    void socket.closed.then(closed.resolve);
  });
  asked.response.writeHead(101).end();
  expect(await closed.promise).toMatchObject({ code: 1006, wasClean: false });
  expect(received).toEqual(['last words']);
});

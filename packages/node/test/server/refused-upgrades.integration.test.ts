import type { IncomingMessage, ServerResponse } from 'node:http';
import { HandshakeError } from '@heddle/core';
import { type HandshakeDescription, textBytes } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { type RouteUpgradesOptions, routeUpgrades } from '../../src/server/route-upgrades.ts';
import type { Dispatch } from '../../src/server/upgrade-host.ts';
import { RunningServer } from '../running-server.ts';
import { TimerWatch } from '../timers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

function start(dispatch: Dispatch, options: RouteUpgradesOptions = {}): Promise<RunningServer> {
  return RunningServer.start((server) => routeUpgrades(server, dispatch, options));
}

/** The whole answer to a handshake, after which the server must end the connection. */
async function refusal(running: RunningServer, request: HandshakeDescription = {}) {
  const peer = await running.peer();
  const response = await peer.handshake(request);
  await peer.receivesEnd();
  return response;
}

describe('a refusal that the application sends', () => {
  it('is a whole response, however it is made', async () => {
    const running = await start((_request, response) => {
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.writeHead(403, { 'Content-Type': 'application/json' });
      response.write('{"no":');
      setTimeout(() => response.end('"entry"}'), 10);
    });
    const response = await refusal(running);
    expect(response).toMatchObject({ status: 403, body: '{"no":"entry"}' });
    expect(response.header('Set-Cookie')).toBe('a=1, b=2');
    expect(running.sockets.stats()).toMatchObject({ refused: 1, pendingUpgrades: 0 });
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader', (res) => res.setHeader('Connection', 'keep-alive').writeHead(401).end()],
    ['writeHead', (res) => res.writeHead(401, { connection: 'keep-alive' }).end()],
    ['a list', (res) => res.writeHead(401, ['Connection', 'Keep-Alive']).end()],
  ])('closes the connection, though %s said keep-alive', async (_how, answer) => {
    const running = await start((_request, response) => answer(response));
    const response = await refusal(running);
    expect(response.header('Connection')).toBe('close');
    expect(response.header('Keep-Alive')).toBeUndefined();
  });

  it('arrives though the client has sent more than anybody reads', async () => {
    const running = await start((_request, response) => {
      setTimeout(() => response.writeHead(401).end('who are you?'), 50);
    });
    const peer = await running.peer();
    const answer = peer.handshake({ followedBy: new Uint8Array(100_000) });
    for (let turn = 0; turn < 20; turn++) {
      peer.sends(new Uint8Array(50_000));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await answer).toMatchObject({ status: 401, body: 'who are you?' });
    await peer.receivesEnd();
    expect(peer.error).toBeUndefined();
  });

  it('lets go at once of a client that ends its half, though there is more to read of it', async () => {
    const running = await start((_request, response) => {
      setTimeout(() => response.writeHead(401).end('who are you?'), 50);
    });
    const timers = new TimerWatch();
    const peer = await running.peer();
    const answer = peer.handshake();
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.sends('81 00');
    await answer;
    peer.end();
    await expect.poll(() => running.connections(), { timeout: 500 }).toBe(0);
    expect(timers.of(1_000)).toEqual(['cleared']);
  });

  it('never opens what a route had accepted', async () => {
    let opened = 0;
    const running = await start((request, response) => {
      pendingUpgrade(request)?.accept({}, () => opened++);
      response.writeHead(503).end('changed my mind');
    });
    expect((await refusal(running)).body).toBe('changed my mind');
    expect(opened).toBe(0);
  });

  it('drops a client that does not end its half, a second later', async () => {
    const running = await start((_request, response) => response.writeHead(401).end());
    const timers = new TimerWatch();
    const peer = await running.peer();
    await peer.handshake();
    expect(await running.connections()).toBe(1);
    expect(timers.of(1_000)).toEqual(['waits']);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await running.connections()).toBe(0);
  });
});

describe('an application that throws', () => {
  const refused = () => {
    throw new HandshakeError('WS_HANDSHAKE_ORIGIN', 'not you', { headers: { 'X-Why': 'because' } });
  };

  it.each<[string, Dispatch]>([
    ['throws', refused],
    ['rejects with', async () => refused()],
  ])('answers a HandshakeError that it %s as that says', async (_how, dispatch) => {
    const response = await refusal(await start(dispatch));
    expect(response).toMatchObject({ status: 403, body: expect.stringContaining('not you') });
    expect(response.header('X-Why')).toBe('because');
  });

  it.each<[string, Dispatch]>([
    [
      'throws',
      () => {
        throw new Error('a secret');
      },
    ],
    ['rejects with', () => Promise.reject(new Error('a secret'))],
  ])('answers 500 to anything else that it %s, and warns', async (_how, dispatch) => {
    const response = await refusal(await start(dispatch));
    expect(response).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
    expect(uncaught.splice(0)).toEqual([new Error('a secret')]);
  });

  it('has its answer sent that it gave before', async () => {
    const running = await start((_request, response) => {
      response.writeHead(401).end('who are you?');
      throw new Error('too late');
    });
    expect(await refusal(running)).toMatchObject({ status: 401, body: 'who are you?' });
    expect(uncaught.splice(0)).toEqual([new Error('too late')]);
  });

  it('breaks the connection if half an answer has left', async () => {
    const running = await start(async (_request, response) => {
      response.writeHead(401, { 'Content-Length': 100 }).write('who');
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('too late');
    });
    const peer = await running.peer();
    await expect(peer.handshake()).rejects.toThrow();
    expect(await running.connections()).toBe(0);
    expect(uncaught.splice(0)).toEqual([new Error('too late')]);
  });

  it('can still refuse after an answer that could not be sent', async () => {
    const running = await start((request, response) => {
      pendingUpgrade(request)?.accept({}, () => {});
      try {
        response.writeHead(1_000);
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    });
    expect((await refusal(running)).body).toMatch(
      /ERR_HTTP_INVALID_STATUS_CODE|Invalid status code/,
    );
  });
});

describe('a handshake that breaks a rule', () => {
  it.each<[string, HandshakeDescription, number]>([
    ['by its method', { method: 'POST' }, 405],
    ['by a body', { headers: { 'Content-Length': '5' }, followedBy: textBytes('hello') }, 400],
    ['by a body that never comes', { headers: { 'Content-Length': '5' } }, 400],
    ['by a body in chunks', { headers: { 'Transfer-Encoding': 'chunked' } }, 400],
    ['by its version', { headers: { 'Sec-WebSocket-Version': '12' } }, 426],
    ['beside a field called __proto__', { headers: { ['__proto__']: 'x' }, method: 'PUT' }, 405],
  ])('%s is refused before the application sees it', async (_how, request, status) => {
    let dispatched = 0;
    const running = await start(() => dispatched++);
    const response = await refusal(running, request);
    expect(response.status).toBe(status);
    expect(response.header('Connection')).toMatch(/close/);
    expect(dispatched).toBe(0);
    expect(running.sockets.stats()).toMatchObject({ refused: 1, pendingUpgrades: 0 });
  });
});

describe('limits.maxConnections', () => {
  it('refuses more with 503 and Retry-After, and counts the handshakes under way', async () => {
    const waiting: [IncomingMessage, ServerResponse][] = [];
    const running = await start((...asked) => waiting.push(asked), {
      limits: { maxConnections: 2 },
    });
    const open = (): void => {
      const [request, response] = waiting.shift() ?? [];
      if (request === undefined) throw new Error('nobody waits');
      pendingUpgrade(request)?.accept({}, () => {});
      response?.writeHead(101).end();
    };
    const [first, second] = [await running.peer(), await running.peer()];
    const answers = [first.handshake(), second.handshake()];
    await expect.poll(() => waiting.length).toBe(2);
    const response = await refusal(running);
    expect(response).toMatchObject({ status: 503, body: expect.stringContaining('too many') });
    expect(response.header('Retry-After')).toBeDefined();
    open();
    open();
    for (const answer of answers) expect((await answer).status).toBe(101);
    expect((await refusal(running)).status).toBe(503);
    first.destroy();
    await expect.poll(() => running.sockets.stats().connections).toBe(1);
    const third = (await running.peer()).handshake();
    await expect.poll(() => waiting.length).toBe(1);
    open();
    expect((await third).status).toBe(101);
    expect(running.sockets.stats()).toMatchObject({ opened: 3, refused: 2 });
  });
});

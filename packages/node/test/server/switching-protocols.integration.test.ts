import { type IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { acceptFor, type HttpResponse, SAMPLE_KEY } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import type { Dispatch } from '../../src/server/upgrade-host.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server that accepts every handshake, says `hello`, and answers as `answer` does. */
function start(answer: Answer): Promise<RunningServer> {
  const dispatch: Dispatch = (request, response) => {
    pendingUpgrade(request)?.accept({}, (socket) => socket.send('hello'));
    answer(response, request);
  };
  return RunningServer.start((server) => routeUpgrades(server, dispatch));
}

/** The 101 that comes of `answer`; nothing but frames may follow it. */
async function switched(answer: Answer): Promise<HttpResponse> {
  const running = await start(answer);
  const peer = await running.peer();
  const response = await peer.handshake();
  expect(response.status).toBe(101);
  expect(response.header('Sec-WebSocket-Accept')).toBe(acceptFor(SAMPLE_KEY));
  expect(response.header('Connection')).toBe('Upgrade');
  await peer.receivesText('hello');
  return response;
}

function cookiesOf({ headers }: HttpResponse): string[] {
  return headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value);
}

describe('a 101 that the application sends', () => {
  it('has the header fields and cookies that were set before', async () => {
    const response = await switched((res) => {
      res.setHeader('X-One', '1');
      res.appendHeader('Set-Cookie', 'a=1').appendHeader('Set-Cookie', 'b=2');
      res.writeHead(101).end();
    });
    expect(response.header('X-One')).toBe('1');
    expect(cookiesOf(response)).toEqual(['a=1', 'b=2']);
    expect(response.header('Date')).toBeDefined();
  });

  it.each<[string, Answer]>([
    ['an object', (res) => res.writeHead(101, { 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'] }).end()],
    [
      'a list',
      (res) => res.writeHead(101, ['X-One', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end(),
    ],
    [
      'a message and an object',
      (res) => res.writeHead(101, 'Off We Go', { 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'] }).end(),
    ],
  ])('has those that writeHead is given as %s', async (_form, answer) => {
    const response = await switched(answer);
    expect(response.header('X-One')).toBe('1');
    expect(cookiesOf(response)).toEqual(['a=1', 'b=2']);
  });

  it('may be implicit, and of a status message that was set early', async () => {
    const response = await switched((res) => {
      res.statusMessage = 'Not Found';
      res.statusCode = 101;
      res.end();
    });
    expect(response.reason).toBe('Switching Protocols');
  });

  it.each<[string, Answer]>([
    ['end', (res) => res.writeHead(101).end('a body')],
    [
      'end, which begins the response',
      (res) => Object.assign(res, { statusCode: 101 }).end('body'),
    ],
    [
      'write',
      (res) => {
        res.writeHead(101, { 'Content-Length': 6 });
        res.write('a body');
        res.end();
      },
    ],
  ])('has no body, though it was given one with %s', async (_how, answer) => {
    const response = await switched(answer);
    expect(response.header('Content-Length')).toBeUndefined();
    expect(response.header('Transfer-Encoding')).toBeUndefined();
  });

  it('survives that Express replaces the prototype of the response', async () => {
    await switched((res) => {
      Object.setPrototypeOf(res, Object.create(ServerResponse.prototype));
      res.writeHead(101).end();
    });
  });

  it('lets writeHead be wrapped, as on-headers does, and end, as express-session does', async () => {
    const response = await switched((res) => {
      const { writeHead, end } = res;
      res.writeHead = ((...args: Parameters<typeof writeHead>) => {
        res.setHeader('Set-Cookie', 'session=1');
        return writeHead.apply(res, args);
      }) as typeof writeHead;
      // The session is stored before the response leaves.
      res.end = (() => {
        setTimeout(() => Reflect.apply(end, res, []), 20);
        return res;
      }) as typeof end;
      res.statusCode = 101;
      res.end();
    });
    expect(cookiesOf(response)).toEqual(['session=1']);
  });

  it('finishes and closes as any response does, for whoever waits for that', async () => {
    const events: string[] = [];
    const closed = new Deferred<void>();
    const running = await start((res, req) => {
      for (const event of ['finish', 'close']) res.on(event, () => events.push(event));
      finished(res, (error) => {
        events.push(`finished ${String(error)} ${res.statusCode}`);
        closed.resolve();
      });
      for (const event of ['aborted', 'error'])
        req.on(event, () => events.push(`request ${event}`));
      res.writeHead(101).end();
    });
    const peer = await running.peer();
    await peer.handshake();
    await peer.receivesText('hello');
    await closed.promise;
    expect(events).toEqual(['finish', 'close', 'finished undefined 101']);
  });

  it('opens the connection before anybody else hears that it has finished', async () => {
    const order: string[] = [];
    const dispatch: Dispatch = (request, response) => {
      response.on('finish', () => order.push('finish'));
      pendingUpgrade(request)?.accept({}, () => order.push('handler'));
      response.writeHead(101).end();
    };
    const running = await RunningServer.start((server) => routeUpgrades(server, dispatch));
    await (await running.peer()).handshake();
    expect(order).toEqual(['handler', 'finish']);
  });

  it('can come later: the route accepts, and the framework answers when it is ready', async () => {
    await switched((res) => void setTimeout(() => res.writeHead(101).end(), 20));
  });

  it('sends early hints before it, if the application does', async () => {
    const running = await start((res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      res.writeHead(101).end();
    });
    const peer = await running.peer();
    expect((await peer.handshake()).status).toBe(103);
    expect((await peer.receivesResponse()).status).toBe(101);
    await peer.receivesText('hello');
  });

  it('is a 500 if no route has accepted the handshake, and never a broken socket', async () => {
    const closed = new Deferred<void>();
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (_request, response) => {
        response.on('close', closed.resolve);
        response.writeHead(101, { 'X-Own': '1' }).end();
      }),
    );
    const peer = await running.peer();
    const response = await peer.handshake();
    expect(response).toMatchObject({ status: 500, body: expect.stringContaining('accepting') });
    expect(response.header('Connection')).toBe('close');
    await peer.receivesEnd();
    await closed.promise;
    expect(running.sockets.stats()).toMatchObject({ refused: 1, opened: 0, pendingUpgrades: 0 });
  });
});

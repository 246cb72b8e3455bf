import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServerResponse as NodeResponse } from 'node:http';
import { finished } from 'node:stream';
import { acceptFor, type HttpResponse, SAMPLE_KEY } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { pendingUpgrade } from '../src/pending-upgrade.ts';
import { routeUpgrades } from '../src/route-upgrades.ts';
import type { Dispatch } from '../src/upgrade-attempt.ts';
import { RunningServer } from './running-server.ts';
import { expectNothingUncaught } from './uncaught.ts';

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
    ['end, which begins the response', (res) => Object.assign(res, { statusCode: 101 }).end('body')],
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
      Object.setPrototypeOf(res, Object.create(NodeResponse.prototype));
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
        setTimeout(() => end.call(res), 20);
        return res;
      }) as typeof end;
      res.statusCode = 101;
      res.end();
    });
    expect(cookiesOf(response)).toEqual(['session=1']);
  });

  it('finishes and closes as any response does, for whoever waits for that', async () => {
    const events: string[] = [];
    const closed = Promise.withResolvers<void>();
    const running = await start((res, req) => {
      for (const event of ['finish', 'close']) res.on(event, () => events.push(event));
      finished(res, (error) => {
        events.push(`finished ${String(error)} ${res.statusCode}`);
        closed.resolve();
      });
      for (const event of ['aborted', 'error']) req.on(event, () => events.push(`request ${event}`));
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
    const closed = Promise.withResolvers<void>();
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

describe('what an application knows of a handshake', () => {
  it('is what the client offers', async () => {
    const seen = Promise.withResolvers<unknown>();
    const running = await start((res, req) => {
      seen.resolve(pendingUpgrade(req)?.opening);
      res.writeHead(101).end();
    });
    const peer = await running.peer();
    await peer.handshake({
      headers: { Host: 'h:1', Origin: 'http://h:1', 'Sec-WebSocket-Protocol': 'b, a' },
    });
    expect(await seen.promise).toEqual({
      key: SAMPLE_KEY,
      host: 'h:1',
      origin: 'http://h:1',
      subprotocols: ['b', 'a'],
      extensions: [],
    });
  });

  it('is nothing for a plain request, and hidden from those who print requests', async () => {
    const running = await RunningServer.start(
      (server) =>
        routeUpgrades(server, (request, response) => {
          response.writeHead(404).end(JSON.stringify(Object.keys(request).length));
        }),
      {
        listener: (request, response) => {
          expect(pendingUpgrade(request)).toBeUndefined();
          response.end('plain');
        },
      },
    );
    const peer = await running.peer();
    expect((await peer.request()).body).toBe('plain');
    expect((await peer.handshake()).status).toBe(404);
  });

  it('cannot be accepted twice, or once it is answered', async () => {
    const errors: unknown[] = [];
    const attempt = (request: IncomingMessage): void => {
      try {
        pendingUpgrade(request)?.accept({}, () => {});
      } catch (error) {
        errors.push(error);
      }
    };
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        attempt(request);
        attempt(request);
        response.writeHead(403);
        attempt(request);
        response.end();
      }),
    );
    expect((await (await running.peer()).handshake()).status).toBe(403);
    const expected = expect.objectContaining({ code: 'WS_NOT_AN_UPGRADE' });
    expect(errors).toEqual([expected, expected]);
  });

  it('has its options checked, and read once for each object', async () => {
    const errors: unknown[] = [];
    const options = { origins: ['https://example.org'] };
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        const pending = pendingUpgrade(request);
        try {
          pending?.accept({ closingTimeoutMs: -1 }, () => {});
        } catch (error) {
          errors.push(error);
        }
        pending?.accept(options, () => {});
        response.writeHead(101).end();
      }),
    );
    const headers = { Origin: 'https://example.org' };
    expect((await (await running.peer()).handshake({ headers })).status).toBe(101);
    options.origins = ['https://other.example'];
    expect((await (await running.peer()).handshake({ headers })).status).toBe(101);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'WS_INVALID_OPTION' }),
      expect.objectContaining({ code: 'WS_INVALID_OPTION' }),
    ]);
  });

  it('lets a function choose a subprotocol that was offered, and no other', async () => {
    const choices = ['b', undefined, 'never offered'];
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        const subprotocols = (offered: readonly string[], asked: IncomingMessage) => {
          expect(offered).toEqual(['a', 'b']);
          expect(asked).toBe(request);
          return choices.shift();
        };
        try {
          pendingUpgrade(request)?.accept({ subprotocols }, () => {});
          response.writeHead(101).end();
        } catch (error) {
          response.writeHead(500).end(String(error));
        }
      }),
    );
    const headers = { 'Sec-WebSocket-Protocol': 'a, b' };
    const answers = [];
    for (let turn = 0; turn < 3; turn++) {
      answers.push(await (await running.peer()).handshake({ headers }));
    }
    expect(answers.map((answer) => answer.header('Sec-WebSocket-Protocol'))).toEqual([
      'b',
      undefined,
      undefined,
    ]);
    expect(answers[2]).toMatchObject({ status: 500, body: expect.stringContaining('not offered') });
  });
});

describe('what is left of HTTP on the socket', () => {
  it('is nothing: no listener of its own, no timeout', async () => {
    const names = Promise.withResolvers<string[]>();
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
    const decided = Promise.withResolvers<void>();
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
    const slow = Promise.withResolvers<ServerResponse>();
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

it('ends with the process: a pending handshake and its timers keep nothing alive', async () => {
  const running = await start(() => {});
  const peer = await running.peer();
  const unanswered = peer.handshake().catch(() => undefined);
  await once(running.server, 'upgrade');
  expect(running.sockets.stats().pendingUpgrades).toBe(1);
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
  // One is the peer's, which waits for the answer.
  expect(timers).toHaveLength(1);
  peer.destroy();
  await unanswered;
});

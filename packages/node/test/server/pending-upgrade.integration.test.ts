import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SAMPLE_KEY } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import { Deferred } from '../../src/deferred.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { RunningServer } from '../running-server.ts';
import { until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('what an application knows of a handshake', () => {
  it('is what the client offers', async () => {
    const seen = new Deferred<unknown>();
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        seen.resolve(pendingUpgrade(request)?.opening);
        response.writeHead(404).end();
      }),
    );
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

  it('is for the host that the application names, where a proxy stands before it', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, response) => {
        pendingUpgrade(request)?.accept({}, () => {}, { host: 'chat.example' });
        response.writeHead(101).end();
      }),
    );
    const from = async (Origin: string) =>
      (await (await running.peer()).handshake({ headers: { Host: 'inside:1', Origin } })).status;
    expect(await from('https://chat.example')).toBe(101);
    expect(await from('https://inside:1')).toBe(403);
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

describe('what is left of a handshake once the connection is open', () => {
  it('is the request, which the connection has, and no response', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let response: WeakRef<object> | undefined;
    const opened = new Deferred<Connection>();
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (request, answer) => {
        response = new WeakRef(answer);
        pendingUpgrade(request)?.accept({}, (socket) => opened.resolve(socket));
        answer.writeHead(101).end();
      }),
    );
    const peer = await running.peer();
    await peer.handshake();
    const socket = await opened.promise;
    await until(() => {
      collect();
      return response?.deref() === undefined;
    }, 'the end of the response');
    const pending = socket.request && pendingUpgrade(socket.request);
    expect(pending?.signal.aborted).toBe(false);
    expect(pending?.signal).toBe(pending?.signal);
    const accept = () => pending?.accept({}, () => {});
    expect(accept).toThrow('it has been accepted, or answered, before');
  });
});

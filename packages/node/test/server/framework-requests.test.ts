import { createServer, type IncomingMessage } from 'node:http';
import { UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { AnyConnection } from '../../src/connection/connection.ts';
import { inject } from '../../src/inject.ts';
import { type FrameworkOptions, FrameworkRequests } from '../../src/server/framework-requests.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

/** A framework's request, which knows more than Node's. */
interface Request {
  readonly user: string;
}

const ada: Request = { user: 'ada' };

/** A framework that knows every user to be Ada, and has one WebSocket route with `options`. */
function serve(
  options: FrameworkOptions<Request>,
  handler: (socket: AnyConnection) => unknown = () => {},
  remember = (requests: FrameworkRequests<Request>, raw: IncomingMessage) =>
    requests.remember(raw, ada),
) {
  const requests = new FrameworkRequests<Request>();
  const bound = requests.bind(options);
  const server = createServer();
  routeUpgrades(server, (raw, response) => {
    remember(requests, raw);
    pendingUpgrade(raw)?.accept(bound, handler);
    response.writeHead(101).end();
  });
  return server;
}

const fail = () => Promise.reject(new Error('no such room'));

describe('FrameworkRequests', () => {
  it("has the function that chooses a subprotocol called with the framework's request", async () => {
    const subprotocols = (offered: readonly string[], { user }: Request) =>
      offered.find((name) => name.startsWith(user));
    const server = serve({ subprotocols });
    const socket = await inject(server, '/', { subprotocols: ['bob.v1', 'ada.v1'] });
    expect(socket.subprotocol).toBe('ada.v1');
    socket.destroy();
  });

  it("has onError called with the framework's request", async () => {
    const calls: unknown[] = [];
    const server = serve({ onError: (error, _, request) => calls.push([error, request]) }, fail);
    expect(await (await inject(server, '/')).closed).toMatchObject({ code: 1011 });
    expect(calls).toEqual([[new Error('no such room'), ada]]);
  });

  it("has onInvalidMessage called with the framework's request", async () => {
    const refused: unknown[] = [];
    const server = serve(
      {
        schema: { message: (value) => ({ issues: [{ message: `not ${value}` }] }) },
        onInvalidMessage: (error, socket, request) => {
          refused.push([error.code, request]);
          socket.close(4000);
        },
      },
      (socket) => void socket.on('message', () => expect.unreachable()),
    );
    const socket = await inject(server, '/');
    socket.send('7');
    expect(await socket.closed).toMatchObject({ code: 4000 });
    expect(refused).toEqual([['WS_INVALID_MESSAGE', ada]]);
  });

  it('leaves the other options as they are, and those out that are not given', () => {
    const given = { closingTimeoutMs: 7, subprotocols: ['v1'], limits: { maxMessageBytes: 8 } };
    expect(new FrameworkRequests().bind(given)).toEqual(given);
    expect(new FrameworkRequests().bind({})).toEqual({});
  });

  it('refuses what is no option, before it is hidden in a function', () => {
    const wrong = [undefined, 7, { onError: 'log' }, { subprotocols: 'v1' }, { onOpen: fail }];
    for (const options of wrong) {
      expect(() => new FrameworkRequests().bind(options as object)).toThrow(UsageError);
    }
  });

  it('says so where the request was never remembered', async () => {
    const onError = () => expect.unreachable();
    const socket = await inject(
      serve({ onError }, fail, () => {}),
      '/',
    );
    expect(await socket.closed).toMatchObject({ code: 1011 });
    await expect
      .poll(() => uncaught.splice(0))
      .toMatchObject([{ message: 'This request did not come through a WebSocket route' }]);
  });
});

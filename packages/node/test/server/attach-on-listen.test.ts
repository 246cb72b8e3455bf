import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { portOf } from '@heddle/testing';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { attachOnListen } from '../../src/server/attach-on-listen.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';

/** An application as the frameworks have it: `listen` comes from the prototype and has overloads. */
class App {
  readonly name = 'this app';
  listen(port: number, listening?: () => void): Server;
  listen(port: number, host: string, listening?: () => void): Server;
  listen(...args: unknown[]): Server {
    const server = createServer(this.answer);
    Reflect.apply(server.listen, server, args);
    onTestFinished(() => void server.close());
    return server;
  }

  readonly answer: RequestListener = (_request, response) => {
    response.end(this.name);
  };
}

function socketsOf(name: string) {
  return routeUpgrades(undefined, (request, response) => {
    pendingUpgrade(request)?.accept({}, (socket) => void socket.close(4000, name));
    response.writeHead(101).end();
  });
}

describe('attachOnListen', () => {
  it('has the sockets take the upgrades of every server that listen returns', async () => {
    const app = new App();
    attachOnListen(app, socketsOf('ours'));
    for (let count = 0; count < 2; count++) {
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const socket = await connect(`ws://127.0.0.1:${portOf(server)}/`);
      expect(await socket.closed).toMatchObject({ code: 4000, reason: 'ours' });
    }
  });

  it('calls the original with this and with all arguments', async () => {
    const app = new App();
    attachOnListen(app, socketsOf('ours'));
    const server = await new Promise<Server>((resolve) => {
      const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    expect(server.address()).toMatchObject({ address: '127.0.0.1' });
    const response = await fetch(`http://127.0.0.1:${portOf(server)}/`);
    expect(await response.text()).toBe('this app');
  });

  it('changes this application alone', () => {
    const { listen } = App.prototype;
    attachOnListen(new App(), socketsOf('ours'));
    expect(App.prototype.listen).toBe(listen);
    expect(new App().listen).toBe(listen);
  });

  it('leaves the overloads of listen as they are', () => {
    const app = new App();
    attachOnListen(app, socketsOf('ours'));
    expectTypeOf(app.listen).toBeCallableWith(0, '127.0.0.1');
    expectTypeOf(app.listen).returns.toEqualTypeOf<Server>();
  });
});

import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { type HandshakeDescription, selfSignedCertificate, textBytes } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** Answers with what it was asked. */
const listener: RequestListener = async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method, url } = request;
  response.end(JSON.stringify({ method, url, body, test: request.headers['x-test'] }));
};

const h2c: HandshakeDescription = {
  path: '/page?x=1',
  headers: {
    Upgrade: 'h2c',
    Connection: 'Upgrade, HTTP2-Settings',
    'HTTP2-Settings': 'AAMAAABkAAQAAP__',
    'X-Test': 'caf\u00e9',
  },
};

const wire = (server: Server) => routeUpgrades(server, () => expect.unreachable());

describe.each([
  ['HTTP', { listener }],
  ['HTTPS', { listener, tls: selfSignedCertificate() }],
])('a request to upgrade to h2c, over %s', (_name, options) => {
  it('is served as the plain request that it also is, and the connection kept', async () => {
    const running = await RunningServer.start(wire, options);
    const peer = await running.peer();
    for (let turn = 0; turn < 2; turn++) {
      const response = await peer.request(h2c);
      expect(response.status).toBe(200);
      expect(JSON.parse(response.body)).toMatchObject({
        method: 'GET',
        url: '/page?x=1',
        body: '',
      });
      expect(response.header('Connection')).toBe('keep-alive');
    }
    expect((await peer.request({ path: '/next' })).status).toBe(200);
  });

  it('is served with its body, however that comes', async () => {
    const running = await RunningServer.start(wire, options);
    const peer = await running.peer();
    const headers = { ...h2c.headers, 'Content-Length': '11' };
    const answer = peer.request({
      path: '/',
      method: 'POST',
      headers,
      followedBy: textBytes('hello '),
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    peer.sends(textBytes('world'));
    const { body } = JSON.parse((await answer).body);
    expect(body).toBe('hello world');
  });

  it('is closed if its client asks for that', async () => {
    const running = await RunningServer.start(wire, options);
    const peer = await running.peer();
    const headers = { ...h2c.headers, Connection: 'close, Upgrade' };
    expect((await peer.request({ headers })).header('Connection')).toBe('close');
    await peer.receivesEnd();
  });
});

describe('a request to upgrade to h2c that the server gives to upgrade listeners all the same', () => {
  /** As every Node did once, and as a server does that forwards the event of another. */
  const wireAnyway = (server: Server) => {
    const sockets = wire(server);
    Reflect.set(server, 'shouldUpgradeCallback', () => true);
    return sockets;
  };

  it('is served as the plain request that it also is', async () => {
    const running = await RunningServer.start(wireAnyway, { listener });
    const peer = await running.peer();
    const response = await peer.request(h2c);
    expect(JSON.parse(response.body)).toMatchObject({ url: '/page?x=1', test: 'caf\u00c3\u00a9' });
    expect((await peer.request({ path: '/next' })).status).toBe(200);
    expect(
      (await peer.request({ headers: { ...h2c.headers, Connection: 'Upgrade' } })).status,
    ).toBe(200);
  });

  it('is served with its body, or refused where Node has begun to read that', async () => {
    const running = await RunningServer.start(wireAnyway, { listener });
    const peer = await running.peer();
    const headers = { ...h2c.headers, 'Content-Length': '11' };
    const answer = peer.request({ method: 'POST', headers, followedBy: textBytes('hello ') });
    await new Promise((resolve) => setTimeout(resolve, 30));
    peer.sends(textBytes('world'));
    const { status, body } = await answer;
    if (status === 200) expect(JSON.parse(body)).toMatchObject({ body: 'hello world' });
    else
      expect({ status, body }).toEqual({ status: 400, body: expect.stringContaining('WebSocket') });
  });
});

describe("a server's own decision to upgrade", () => {
  const key = 'shouldUpgradeCallback';
  const knowsIt = (server: Server): boolean => typeof Reflect.get(server, key) === 'function';

  it('is asked too, where Node has one, and is back after detach', async () => {
    const asked: string[] = [];
    const own = ({ url }: IncomingMessage): boolean => {
      asked.push(String(url));
      return url !== '/never';
    };
    let previous: unknown;
    const running = await RunningServer.start(
      (server) => {
        if (knowsIt(server)) Reflect.set(server, key, own);
        previous = Reflect.get(server, key);
        return routeUpgrades(server, (_request, response) => response.writeHead(404).end());
      },
      { listener },
    );
    const peer = await running.peer();
    const never = await peer.handshake({ path: '/never' });
    if (knowsIt(running.server)) {
      expect(never.status).toBe(200);
      expect((await peer.handshake({ path: '/chat' })).status).toBe(404);
      expect(asked).toEqual(['/never', '/chat']);
    }
    running.sockets.detach();
    expect(Reflect.get(running.server, key)).toBe(previous);
  });
});

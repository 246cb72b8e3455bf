import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../src/deferred.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { startHttp2 } from '../http2-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

type Application = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server whose application answers as the test says. */
function startWith(application: Application, options: Parameters<typeof routeUpgrades>[2] = {}) {
  return startHttp2((server) => routeUpgrades(server, application, options));
}

const accept: Application = (request, response) => {
  pendingUpgrade(request)?.accept({}, (socket) => {
    socket.on('message', (message) => socket.send(message));
  });
  response.writeHead(101).end();
};

describe('A WebSocket over HTTP/2', () => {
  it('is to the application what it is over HTTP/1.1: a GET that it answers with 101', async () => {
    const requests: IncomingMessage[] = [];
    const { session } = await startWith((request, response) => {
      requests.push(request);
      accept(request, response);
    });
    const headers = { Cookie: 'a=1', 'X-Own': ['b', 'c'] };
    const peer = session.handshake({ path: '/chat?room=7', headers });
    expect((await peer.receivesResponse()).status).toBe(200);
    const [request] = requests;
    const host = request?.headers.host;
    expect(host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(request).toMatchObject({
      method: 'GET',
      url: '/chat?room=7',
      httpVersion: '2.0',
      httpVersionMajor: 2,
      complete: true,
      headers: { cookie: 'a=1', 'x-own': 'b, c', ':protocol': 'websocket', ':authority': host },
    });
    expect(request?.headersDistinct).toMatchObject({ host: [host], 'x-own': ['b', 'c'] });
    expect(request?.socket).toMatchObject({
      remoteAddress: expect.stringContaining('127.0.0.1'),
      localPort: Number(host?.split(':')[1]),
      encrypted: false,
      authorized: false,
    });
    // It has no body to wait for.
    const chunks = [];
    for await (const chunk of request ?? []) chunks.push(chunk);
    expect(chunks).toEqual([]);
  });

  it('says in the 200 what HTTP/2 may say, and not what belongs to HTTP/1.1 or to the key', async () => {
    const { session } = await startWith((request, response) => {
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.setHeader('Keep-Alive', 'timeout=5');
      pendingUpgrade(request)?.accept({ subprotocols: ['chat'] }, () => {});
      response.writeHead(101, { 'X-Own': 'yes', Connection: 'close', Upgrade: 'h2c' }).end();
    });
    const peer = session.handshake({ headers: { 'Sec-WebSocket-Protocol': 'chat' } });
    const response = await peer.receivesResponse();
    expect(response.headers.filter(([name]) => name !== 'date')).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-own', 'yes'],
      ['sec-websocket-protocol', 'chat'],
    ]);
  });

  it('ends like one over TCP, and leaves the connection to the others', async () => {
    const { session, sockets } = await startWith(accept);
    const [first, second] = [session.handshake(), session.handshake()];
    await first.receivesResponse();
    await second.receivesResponse();
    first.sends(first.frame({ opcode: 8, payload: Uint8Array.of(3, 232) }));
    await first.receives('88 02 03 e8');
    await first.receivesEnd();
    await expect.poll(() => sockets.connections.size).toBe(1);
    // RFC 9113 §8.1: nothing was wrong with the stream.
    expect(first.resetCode).toBe(0);
    second.sendsFrame({ opcode: 1, payload: 'still there?' });
    await second.receivesText('still there?');
  });

  it('fails with the close frame and the end of the stream, when the peer breaks a rule', async () => {
    const { session, sockets } = await startWith(accept);
    const peer = session.handshake();
    await peer.receivesResponse();
    const [connection] = sockets.connections;
    peer.sends('ff ff');
    expect(await peer.receivesFrame()).toMatchObject({ opcode: 8 });
    await peer.receivesEnd();
    expect(await connection?.closed).toMatchObject({ code: 1006, wasClean: false });
    await session.ping();
  });

  it('holds a client back alone, whose application does not read', async () => {
    const { session, sockets } = await startWith((request, response) => {
      pendingUpgrade(request)?.accept({}, async (socket) => {
        if (request.url === '/deaf') await socket.closed;
        else for await (const message of socket) socket.send(message);
      });
      response.writeHead(101).end();
    });
    const deaf = session.handshake({ path: '/deaf' });
    await deaf.receivesResponse();
    for (let index = 0; index < 100; index++) {
      deaf.sendsFrame({ opcode: 2, payload: new Uint8Array(60_000) });
    }
    const other = session.handshake({ path: '/echo' });
    await other.receivesResponse();
    other.sendsFrame({ opcode: 1, payload: 'hello' });
    await other.receivesText('hello');
    expect(sockets.connections.size).toBe(2);
  });
});

describe('A refusal over HTTP/2', () => {
  it('is a whole response with the body that the application streams', async () => {
    const parts = Array.from({ length: 50 }, (_, index) => `${index}`.repeat(10_000));
    const { session } = await startWith((_request, response) => {
      response.writeHead(403, { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' });
      for (const part of parts) response.write(part);
      response.end();
    });
    const peer = session.handshake();
    const response = await peer.receivesResponse();
    expect(response).toMatchObject({ status: 403, body: parts.join('') });
    expect(response.header('Transfer-Encoding')).toBeUndefined();
    expect(response.header('Connection')).toBeUndefined();
    await expect.poll(() => peer.closed).toBe(true);
    expect(peer.resetCode).toBe(0);
  });

  it.each([204, 304])('may have no body at all: %i', async (status) => {
    const { session } = await startWith((_request, response) => response.writeHead(status).end());
    // 204 would let the client in.
    const expected = status === 204 ? 404 : 304;
    expect((await session.handshake().receivesResponse()).status).toBe(expected);
  });

  it.each([200, 201, 206, 299])(
    'stands in for a page, whose %i would let the client in',
    async (status) => {
      const { session, sockets } = await startWith((_request, response) => {
        response.writeHead(status, { 'X-Page': 'yes' });
        response.end('a page');
      });
      const response = await session.handshake().receivesResponse();
      expect(response).toMatchObject({ status: 404, body: 'There is no WebSocket here\n' });
      expect(response.header('X-Page')).toBeUndefined();
      await expect.poll(() => sockets.stats().refused).toBe(1);
    },
  );

  it('is not mixed up with an informational response', async () => {
    const { session } = await startWith((request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeProcessing();
      accept(request, response);
    });
    expect((await session.handshake().receivesResponse()).status).toBe(200);
  });

  it('resets the stream where the application sets header fields that HTTP/2 cannot send', async () => {
    const { session, sockets } = await startWith((_request, response) => {
      response.setHeader('ETag', ['"a"', '"b"']);
      response.writeHead(403).end('no');
    });
    await expect(session.handshake().receivesResponse()).rejects.toThrow('No response came');
    await expect.poll(() => uncaught).toHaveLength(1);
    expect(uncaught.splice(0)).toMatchObject([{ code: 'ERR_HTTP2_HEADER_SINGLE_VALUE' }]);
    expect(sockets.stats()).toMatchObject({ pendingUpgrades: 0, connections: 0 });
    await session.ping();
  });

  it('says what is wrong with the handshake itself', async () => {
    const { session } = await startWith(accept);
    const headers = { 'Sec-WebSocket-Version': '8' };
    const response = await session.handshake({ headers }).receivesResponse();
    expect(response.status).toBe(400);
    expect(response.header('Sec-WebSocket-Version')).toBe('13');
    expect(response.body).toContain('Version 13');
  });
});

describe('The client of a WebSocket over HTTP/2', () => {
  it.each([
    ['resets the stream', (peer: { reset(): void }) => peer.reset()],
    ['ends its half', (peer: { end(): void }) => peer.end()],
  ] as const)('is noticed when it %s before the answer', async (_what, leave) => {
    const asked = new Deferred<IncomingMessage>();
    const { session, sockets } = await startWith((request) => asked.resolve(request));
    const peer = session.handshake();
    const request = await asked.promise;
    const { signal } = pendingUpgrade(request) ?? {};
    leave(peer);
    await expect.poll(() => signal?.aborted).toBe(true);
    await expect.poll(() => sockets.stats()).toMatchObject({ abandoned: 1, pendingUpgrades: 0 });
    expect(request.socket.destroyed).toBe(true);
    await session.ping();
  });

  it('is dropped when the application destroys its socket, before the answer and after it', async () => {
    const requests: IncomingMessage[] = [];
    const { session, sockets } = await startWith((request, response) => {
      requests.push(request);
      if (request.url === '/open') accept(request, response);
      else request.socket.destroy(new Error('read EIO'));
    });
    await expect(session.handshake().receivesResponse()).rejects.toThrow('No response came');
    const peer = session.handshake({ path: '/open' });
    await peer.receivesResponse();
    const [connection] = sockets.connections;
    requests.at(-1)?.socket.destroy();
    expect(await connection?.closed).toMatchObject({ code: 1006 });
    await session.ping();
  });

  it('may be given a time limit of its own', async () => {
    const { session, sockets } = await startWith((request, response) => {
      request.setTimeout(50, () => {});
      request.socket.setTimeout(50, () => request.socket.destroy());
      request.socket.setNoDelay(true).setKeepAlive(true);
      accept(request, response);
    });
    const peer = session.handshake();
    await peer.receivesResponse();
    await peer.receivesEnd();
    await expect.poll(() => sockets.connections.size).toBe(0);
    await session.ping();
  });
});

describe('Other requests on the same server', () => {
  it('are told of a CONNECT that is no WebSocket: 405, and 501 for another protocol', async () => {
    const { session } = await startWith(accept);
    const plain = { ':protocol': undefined, ':path': undefined, ':scheme': undefined };
    const response = await session.handshake({ headers: plain }).receivesResponse();
    expect(response.status).toBe(405);
    const other = session.handshake({ headers: { ':protocol': 'connect-udp' } });
    expect((await other.receivesResponse()).status).toBe(501);
  });

  it('are answered where nobody else does: 426 where there is only a WebSocket, 404 elsewhere', async () => {
    const { session } = await startHttp2((server) =>
      acceptWebSockets(server, { path: '/chat' }, () => {}),
    );
    const chat = await session.request({ path: '/chat' });
    expect(chat).toMatchObject({ status: 426, body: expect.stringContaining('only a WebSocket') });
    expect(chat.header('Upgrade')).toBeUndefined();
    expect((await session.request({ path: '/elsewhere' })).status).toBe(404);
    expect((await session.handshake({ path: '/elsewhere' }).receivesResponse()).status).toBe(404);
  });

  it('stay with another listener of CONNECT, which may take its time', async () => {
    const { session, server } = await startWith(accept, { owns: ({ url }) => url === '/chat' });
    server.on('connect', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      if (request.url !== '/chat') setTimeout(() => response.writeHead(418).end(), 30);
    });
    const theirs = session.handshake({ path: '/theirs' });
    const ours = session.handshake({ path: '/chat' });
    expect((await ours.receivesResponse()).status).toBe(200);
    expect((await theirs.receivesResponse()).status).toBe(418);
    const tunnel = session.handshake({ headers: { ':protocol': 'connect-udp' } });
    expect((await tunnel.receivesResponse()).status).toBe(418);
  });

  it('keep their client’s half of a stream, when that listener has ended its own', async () => {
    const { session, server } = await startWith(accept, { owns: ({ url }) => url === '/chat' });
    const received = new Promise<string>((resolve) => {
      server.on('connect', async ({ stream }: Http2ServerRequest) => {
        stream.respond();
        stream.end('only you from here on');
        const chunks = [];
        for await (const chunk of stream) chunks.push(chunk);
        resolve(Buffer.concat(chunks).toString());
      });
    });
    const theirs = session.handshake({ path: '/theirs' });
    await theirs.receivesResponse();
    await expect.poll(() => theirs.ended).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    theirs.sends(Buffer.from('as you wish'));
    theirs.end();
    expect(await received).toBe('as you wish');
  });

  it('are nobody’s once the sockets are detached', async () => {
    const { session, sockets, server } = await startWith(accept);
    sockets.detach();
    expect(server.listenerCount('connect')).toBe(0);
    expect((await session.handshake().receivesResponse()).status).toBe(405);
  });
});

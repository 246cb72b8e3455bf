import { once } from 'node:events';
import {
  connect as connectHttp2,
  constants,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { portOf, selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { reply } from '../reply.ts';
import { echo, StreamServer } from '../stream-server.ts';
import { settled } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const certificate = selfSignedCertificate();
const tls = { ca: certificate.cert };

async function open(url: string, options: ConnectOptions = {}): Promise<Connection> {
  const socket = await connect(url, { http: 2, ...options });
  onTestFinished(() => socket.destroy());
  return socket;
}

function times<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, make));
}

describe('connect with http: 2', () => {
  it.each(['ws', 'http'])('opens %s: URLs, with prior knowledge', async (scheme) => {
    const server = await StreamServer.start(echo);
    const socket = await open(server.url.replace('ws', scheme));
    expect(server.sessions).toHaveLength(1);
    expect(socket).toMatchObject({
      state: 'open',
      subprotocol: undefined,
      extensions: [],
      request: undefined,
      remoteAddress: '127.0.0.1',
    });
    expect(await reply(socket, 'hello')).toBe('hello');
    expect(await socket.close(1000)).toMatchObject({ code: 1000, wasClean: true });
  });

  it.each(['wss', 'https'])('opens %s: URLs, where TLS agrees on h2', async (scheme) => {
    const server = await StreamServer.start(echo, { tls: certificate });
    const socket = await open(server.url.replace('wss', scheme), { tls });
    expect(server.sessions).toMatchObject([{ alpnProtocol: 'h2' }]);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(await reply(socket, 'hello')).toBe('hello');
    expect(await socket.close(1000)).toMatchObject({ code: 1000, wasClean: true });
  });

  it('sends what RFC 8441 §5 asks for, and nothing of HTTP/1.1', async () => {
    const requests: IncomingHttpHeaders[] = [];
    const server = await StreamServer.start((stream, headers) => {
      requests.push(headers);
      echo(stream);
    });
    const { port } = server;
    await open(`ws://me:secret@localhost:${port}/chat?room=1`, {
      subprotocols: ['a', 'b'],
      headers: { Origin: 'https://example.org', Cookie: ['a=1', 'b=2'], 'X-Own': ' spaced ' },
      createConnection: () => connectTcp(port, '127.0.0.1'),
    });
    // Beside, under a symbol, the names that no compression may remember.
    expect(Object.fromEntries(Object.entries(requests[0] ?? {}))).toEqual({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'http',
      ':authority': `localhost:${port}`,
      ':path': '/chat?room=1',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'a, b',
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
      origin: 'https://example.org',
      cookie: 'a=1; b=2',
      'x-own': 'spaced',
    });
  });

  it('says another Host as :authority', async () => {
    const requests: IncomingHttpHeaders[] = [];
    const server = await StreamServer.start(
      (stream, headers) => {
        requests.push(headers);
        echo(stream);
      },
      { tls: certificate },
    );
    await open(server.url, { tls, headers: { Host: 'other.example' } });
    expect(requests[0]).toMatchObject({ ':authority': 'other.example', ':scheme': 'https' });
    expect(requests[0]).not.toHaveProperty('host');
  });

  it('has the subprotocol that the server chose, and asks for no proof', async () => {
    const server = await StreamServer.start((stream) => {
      stream.respond({ 'sec-websocket-protocol': 'b', 'sec-websocket-accept': 'whatever' });
    });
    expect((await open(server.url, { subprotocols: ['a', 'b'] })).subprotocol).toBe('b');
  });

  it('loses nothing that comes together with the answer', async () => {
    const server = await StreamServer.start((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(Buffer.from('81 02 68 69 88 02 03 e8'.replaceAll(' ', ''), 'hex'));
    });
    const socket = await open(server.url);
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
    expect(messages).toEqual(['hi']);
  });

  it('goes through a stream that createConnection makes, TCP or not', async () => {
    const server = await StreamServer.start(echo, { tls: certificate });
    const through = () => {
      const tcp = connectTcp(server.port, '127.0.0.1');
      return Duplex.from({ readable: tcp, writable: tcp });
    };
    const socket = await open('wss://localhost:1/', { tls, createConnection: through });
    expect(await reply(socket, 'hello')).toBe('hello');
    await socket.close();
    await expect.poll(() => server.open).toBe(0);
  });

  it('takes a stream for ws: as it is, with TLS of its own, too', async () => {
    const server = await StreamServer.start(echo, { tls: certificate });
    const through = async () => {
      const options = { port: server.port, host: '127.0.0.1', ...tls, ALPNProtocols: ['h2'] };
      const transport = connectTls(options);
      await once(transport, 'secureConnect');
      return transport;
    };
    const socket = await open('ws://localhost:1/', { createConnection: through });
    expect(await reply(socket, 'hello')).toBe('hello');
  });

  it.each([0, 3, '2', null])('takes no version of %j', async (http) => {
    await expect(connect('ws://h/', { http } as ConnectOptions)).rejects.toMatchObject({
      code: 'WS_INVALID_OPTION',
      message: expect.stringContaining('http must be 1 or 2'),
    });
  });
});

describe('connect with http: 2, to a server of ours', () => {
  it.each([undefined, certificate])('opens a WebSocket like over HTTP/1.1: %#', async (secure) => {
    const requests: unknown[] = [];
    const server =
      secure === undefined ? createServer() : createSecureServer({ ...secure, allowHTTP1: true });
    const sockets = acceptWebSockets(server, { subprotocols: ['b', 'a'] }, (socket, request) => {
      requests.push([request.httpVersion, socket.remoteAddress]);
      socket.on('message', (message) => socket.send(message));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => {
      await sockets.close({ timeoutMs: 0 });
      server.close();
    });
    const url = `${secure === undefined ? 'ws' : 'wss'}://127.0.0.1:${portOf(server)}/`;
    const options = { tls: secure === undefined ? {} : tls, subprotocols: ['a', 'b'] };
    const socket = await open(url, options);
    expect(socket.subprotocol).toBe('b');
    expect(await reply(socket, 'hello')).toBe('hello');
    const headers = { Origin: 'https://elsewhere.example' };
    await expect(connect(url, { http: 2, ...options, headers })).rejects.toMatchObject({
      code: 'WS_HANDSHAKE_REFUSED',
      status: 403,
      body: expect.toSatisfy((body: Buffer) => body.includes('elsewhere.example')),
    });
    expect(await socket.close()).toMatchObject({ code: 1000, wasClean: true });
    expect(requests).toEqual([['2.0', '127.0.0.1']]);
  });
});

describe('WebSockets to one origin', () => {
  it('share one connection, from the first on, with the session of nobody else', async () => {
    const server = await StreamServer.start(
      (stream, headers) => {
        if (headers[':method'] === 'CONNECT') echo(stream);
        else stream.respond({ ':status': 200 }, { endStream: true });
      },
      { tls: certificate },
    );
    const others = connectHttp2(server.url.replace('wss', 'https'), { ca: certificate.cert });
    onTestFinished(() => others.destroy());
    const atOnce = await times(10, () => open(server.url, { tls }));
    const later = await open(`${server.url}other/path?x`, { tls: { ...tls } });
    expect(server.transports).toHaveLength(2);
    const answers = await Promise.all([...atOnce, later].map((socket, i) => reply(socket, `${i}`)));
    expect(answers).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    atOnce[0]?.destroy();
    await atOnce[1]?.close();
    expect(await reply(later, 'still there')).toBe('still there');
    const request = others.request({ ':path': '/' });
    const [headers] = await once(request.resume(), 'response');
    expect(headers).toMatchObject({ ':status': 200 });
  });

  it.each<[string, ConnectOptions, ConnectOptions]>([
    ['tls options', { tls }, { tls: { ca: [certificate.cert] } }],
    ['verification', { tls }, { tls: { rejectUnauthorized: false } }],
    ['client certificates', { tls }, { tls: { ...tls, ...certificate } }],
  ])('share none where they differ in their %s', async (_what, one, other) => {
    const server = await StreamServer.start(echo, { tls: certificate });
    await Promise.all([open(server.url, one), open(server.url, other), open(server.url, one)]);
    expect(server.transports).toHaveLength(2);
  });

  it('share none where createConnection is another function', async () => {
    const server = await StreamServer.start(echo);
    const [one, other] = [1, 2].map(() => () => connectTcp(server.port, '127.0.0.1'));
    for (const createConnection of [one, other, one]) {
      await open('ws://h/', createConnection && { createConnection });
    }
    expect(server.transports).toHaveLength(2);
  });

  it('share as many as the server takes streams at once', async () => {
    const server = await StreamServer.start(echo, {
      settings: { enableConnectProtocol: true, maxConcurrentStreams: 3 },
    });
    const sockets = await times(7, () => open(server.url));
    expect(server.transports).toHaveLength(3);
    for (const socket of sockets) expect(await reply(socket, 'hello')).toBe('hello');
    await sockets[0]?.close();
    // A server of Node's counts a stream until it has forgotten it.
    await expect.poll(() => server.streams[0]?.destroyed).toBe(true);
    await times(3, () => open(server.url));
    expect(server.transports).toHaveLength(3);
    await open(server.url);
    expect(server.transports).toHaveLength(4);
  });

  it('wait, one by one, for a server that takes no streams for a while', async () => {
    const server = await StreamServer.start(echo, {
      settings: { enableConnectProtocol: true, maxConcurrentStreams: 0 },
    });
    const opening = open(server.url);
    await expect.poll(() => server.sessions.length).toBe(1);
    expect(await settled(opening)).toBe('pending');
    server.sessions[0]?.settings({ enableConnectProtocol: true, maxConcurrentStreams: 5 });
    expect(await reply(await opening, 'hello')).toBe('hello');
    expect(server.transports).toHaveLength(1);
  });

  it('try another connection where the server refuses a stream before it looks at it', async () => {
    const refused = new Set<unknown>();
    const server = await StreamServer.start((stream) => {
      if (stream.session !== server.sessions[0] || server.streams.length === 1) return echo(stream);
      refused.add(stream);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const first = await open(server.url);
    expect(await reply(await open(server.url), 'hello')).toBe('hello');
    expect(refused.size).toBe(1);
    expect(await reply(await open(server.url), 'hello')).toBe('hello');
    expect(await reply(first, 'still there')).toBe('still there');
    expect(server.transports).toHaveLength(2);
  });

  it('take another connection after GOAWAY; those that are open stay so', async () => {
    const server = await StreamServer.start(echo);
    const early = await open(server.url);
    server.sessions[0]?.goaway();
    expect(await reply(early, 'still there')).toBe('still there');
    const late = await open(server.url);
    expect(server.transports).toHaveLength(2);
    expect(await reply(early, 'still there')).toBe('still there');
    expect(await reply(late, 'hello')).toBe('hello');
    await early.close();
    await late.close();
    await expect.poll(() => server.open).toBe(0);
  });

  it('end together when the connection breaks; the next has a new one', async () => {
    const server = await StreamServer.start(echo);
    const sockets = await times(3, () => open(server.url));
    server.transports[0]?.resetAndDestroy();
    for (const { closed } of sockets) {
      expect(await closed).toMatchObject({ code: 1006, wasClean: false, error: expect.any(Error) });
    }
    expect(await reply(await open(server.url), 'hello')).toBe('hello');
  });

  it('leave no connection behind: the last one that goes closes it', async () => {
    const server = await StreamServer.start(echo, { tls: certificate });
    const [one, two, three] = await times(3, () => open(server.url, { tls }));
    await one?.close();
    two?.destroy();
    expect(await reply(three as Connection, 'still there')).toBe('still there');
    expect(server.open).toBe(1);
    await three?.close();
    await expect.poll(() => server.open).toBe(0);
    expect(await reply(await open(server.url, { tls }), 'again')).toBe('again');
    expect(server.transports).toHaveLength(2);
  });
});

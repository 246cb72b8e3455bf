import { once } from 'node:events';
import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttps } from 'node:https';
import {
  connect as connectTcp,
  createServer as createTcp,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTls } from 'node:tls';
import { portOf, selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { echo, StreamServer } from '../stream-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const certificate = selfSignedCertificate();
const tls = { ca: certificate.cert };

/** The connections that a server has had. */
async function listen(server: Server): Promise<{ port: number; transports: Socket[] }> {
  const transports: Socket[] = [];
  server.on('connection', (transport: Socket) => transports.push(transport));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const transport of transports) transport.destroy();
  });
  return { port: portOf(server), transports };
}

/** Sends back what comes over HTTP/1.1. */
function echoOverHttp1(server: Parameters<typeof acceptWebSockets>[0]): void {
  const sockets = acceptWebSockets(server, { subprotocols: ['a'] }, (socket) => {
    socket.on('message', (message) => socket.send(message));
  });
  onTestFinished(() => sockets.detach());
}

async function expectEcho(socket: Connection, httpVersion = '1.1'): Promise<void> {
  const answer = once(socket, 'message');
  socket.send(`over ${httpVersion}`);
  expect(await answer).toEqual([`over ${httpVersion}`]);
  expect(await socket.close()).toMatchObject({ code: 1000, wasClean: true });
}

async function allGone(transports: readonly Socket[]): Promise<void> {
  await expect.poll(() => transports.filter(({ destroyed }) => !destroyed)).toEqual([]);
}

describe('A server of wss: that TLS agrees on HTTP/1.1 with', () => {
  it('is asked over that very connection', async () => {
    const server = createHttps(certificate);
    echoOverHttp1(server);
    const { port, transports } = await listen(server);
    const options = { http: 2, tls, subprotocols: ['a'] } as const;
    const socket = await connect(`wss://127.0.0.1:${port}/`, options);
    expect(socket).toMatchObject({ subprotocol: 'a', remoteAddress: '127.0.0.1' });
    await expectEcho(socket);
    expect(transports).toHaveLength(1);
    await allGone(transports);
  });

  it('gets a connection for each WebSocket, and none is left over', async () => {
    const server = createHttps(certificate);
    echoOverHttp1(server);
    const { port, transports } = await listen(server);
    const url = `wss://127.0.0.1:${port}/`;
    const sockets = await Promise.all([1, 2, 3].map(() => connect(url, { http: 2, tls })));
    for (const socket of sockets) await expectEcho(socket);
    expect(transports).toHaveLength(3);
    await allGone(transports);
  });

  it('is asked so as well if it agrees on nothing', async () => {
    const server = createTls(certificate);
    const offers: unknown[] = [];
    server.on('secureConnection', (transport) => {
      offers.push(transport.alpnProtocol);
      http1.emit('connection', transport);
    });
    const http1 = createHttp1();
    echoOverHttp1(http1);
    const { port, transports } = await listen(server);
    await expectEcho(await connect(`wss://127.0.0.1:${port}/`, { http: 2, tls }));
    expect(offers).toEqual([false]);
    expect(transports).toHaveLength(1);
  });
});

describe('A server without SETTINGS_ENABLE_CONNECT_PROTOCOL', () => {
  it('of wss: is asked with HTTP/1.1 over a connection that offers nothing else', async () => {
    const plain = { tls: certificate, settings: {}, allowHTTP1: true };
    const server = await StreamServer.start(() => expect.unreachable(), plain);
    const offered: unknown[] = [];
    server.server.on('secureConnection', (transport) => offered.push(transport.alpnProtocol));
    server.server.on('upgrade', (request, transport, head) => {
      http1.emit('upgrade', request, transport, head);
    });
    const http1 = createHttp1();
    echoOverHttp1(http1);
    await expectEcho(await connect(server.url, { http: 2, tls }));
    expect(offered).toEqual(['h2', 'http/1.1']);
    await allGone(server.transports);
  });

  it('of ws: is asked with HTTP/1.1, which fails where it speaks only HTTP/2', async () => {
    const server = await StreamServer.start(() => expect.unreachable(), { settings: {} });
    await expect(connect(server.url, { http: 2 })).rejects.toMatchObject({
      code: expect.stringMatching(/^(HPE_|ECONNRESET|WS_HANDSHAKE_REFUSED)/),
    });
    expect(server.transports).toHaveLength(2);
    expect(server.streams).toEqual([]);
    await allGone(server.transports);
  });

  it('is asked over HTTP/2 the next time, should it have it then', async () => {
    const server = await StreamServer.start(echo, { settings: {} });
    await expect(connect(server.url, { http: 2 })).rejects.toThrow();
    server.server.updateSettings({ enableConnectProtocol: true });
    await expectEcho(await connect(server.url, { http: 2 }), '2');
  });
});

describe('A server of ws: that does not speak HTTP/2', () => {
  it('is asked with HTTP/1.1 over another connection', async () => {
    const server = createHttp1();
    echoOverHttp1(server);
    const { port, transports } = await listen(server);
    await expectEcho(await connect(`ws://127.0.0.1:${port}/`, { http: 2 }));
    expect(transports).toHaveLength(2);
    await allGone(transports);
  });

  it.each<[string, (transport: Socket) => void]>([
    ['ends the connection', (transport) => transport.end()],
    ['resets it', (transport) => transport.resetAndDestroy()],
    ['says something else', (transport) => transport.end('220 smtp.example ESMTP\r\n')],
    ['answers in HTTP/1.1', (transport) => transport.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('and %s is asked with HTTP/1.1', async (_how, lose) => {
    const http1 = createHttp1();
    echoOverHttp1(http1);
    const { port, transports } = await listen(
      createTcp((transport: Socket) => {
        transport.on('error', () => {});
        // It is among them only behind this listener.
        if (transports.length > 0) http1.emit('connection', transport);
        // The preface of HTTP/2 has come.
        else transport.once('data', () => lose(transport));
      }),
    );
    await expectEcho(await connect(`ws://127.0.0.1:${port}/`, { http: 2 }));
    expect(transports).toHaveLength(2);
    await allGone(transports);
  });

  it('is reached by createConnection once more', async () => {
    const server = createHttp1();
    echoOverHttp1(server);
    const { port, transports } = await listen(server);
    let made = 0;
    const createConnection = async () => {
      made++;
      return connectTcp(port, '127.0.0.1');
    };
    await expectEcho(await connect('ws://example.org/', { http: 2, createConnection }));
    expect(made).toBe(2);
    await allGone(transports);
  });

  it('refuses over HTTP/1.1, and that is the answer', async () => {
    const { port } = await listen(
      createHttp1((_request, response) => response.writeHead(403).end('no')),
    );
    await expect(connect(`ws://127.0.0.1:${port}/`, { http: 2 })).rejects.toMatchObject({
      status: 403,
      body: Buffer.from('no'),
    });
  });
});

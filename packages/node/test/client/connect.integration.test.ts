import { getEventListeners } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { reply } from '../reply.ts';
import { RunningServer } from '../running-server.ts';
import { startScriptedServer } from '../scripted-answers.ts';
import { TimerWatch } from '../timers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const certificate = selfSignedCertificate();

/** Sends back what comes. */
function echo(tls?: typeof certificate): Promise<RunningServer> {
  return RunningServer.start(
    (server) =>
      acceptWebSockets(server, { subprotocols: ['b', 'a'] }, (socket) => {
        socket.on('message', (message) => socket.send(message));
      }),
    tls === undefined ? {} : { tls },
  );
}

async function open(url: string, options?: ConnectOptions): Promise<Connection> {
  const socket = await connect(url, options);
  onTestFinished(() => socket.destroy());
  return socket;
}

describe('connect', () => {
  it.each(['ws', 'http'])('opens %s: URLs', async (scheme) => {
    const { port } = await echo();
    const socket = await open(`${scheme}://127.0.0.1:${port}/chat?x`);
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

  it.each(['wss', 'https'])('opens %s: URLs, and verifies who is there', async (scheme) => {
    const { port } = await echo(certificate);
    const tls = { ca: certificate.cert };
    for (const host of ['localhost', '127.0.0.1']) {
      const createConnection = () => connectTcp({ port, host: '127.0.0.1' });
      const direct = await open(`${scheme}://${host}:${port}/`, { tls });
      expect(await reply(direct, 'hello')).toBe('hello');
      const tunnelled = await open(`${scheme}://${host}:1/`, { tls, createConnection });
      expect(await reply(tunnelled, 'hello')).toBe('hello');
    }
    const url = `${scheme}://127.0.0.1:${port}/`;
    await expect(connect(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const createConnection = () => connectTcp({ port, host: '127.0.0.1' });
    await expect(
      connect(`${scheme}://other.example/`, { tls, createConnection }),
    ).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await open(`${scheme}://other.example/`, {
      tls: { ...tls, servername: 'localhost' },
      createConnection,
    });
  });

  it('offers subprotocols, and has the one that the server chose', async () => {
    const { port } = await echo();
    const socket = await open(`ws://127.0.0.1:${port}/`, { subprotocols: ['a', 'b', 'c'] });
    expect(socket.subprotocol).toBe('b');
  });

  it('sends what §4.1 asks for, and the header fields it is given', async () => {
    const server = await startScriptedServer();
    const url = `ws://me:secret@localhost:${server.port}/chat%20room?x=1`;
    const opening = open(url, {
      createConnection: () => connectTcp({ port: server.port, host: '127.0.0.1' }),
      headers: { Origin: 'https://example.org', 'X-List': ['1', '2'] },
      subprotocols: ['chat', 'superchat'],
    });
    const request = await (await server.peer()).acceptsHandshake();
    await opening;
    expect(request).toMatchObject({
      method: 'GET',
      target: '/chat%20room?x=1',
      version: 'HTTP/1.1',
    });
    const sent = Object.fromEntries(request.headers.map(([name]) => [name, request.header(name)]));
    const { 'Sec-WebSocket-Key': key = '', ...rest } = sent;
    expect(Buffer.from(key, 'base64')).toHaveLength(16);
    expect(rest).toEqual({
      Host: `localhost:${server.port}`,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Protocol': 'chat, superchat',
      Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
      Origin: 'https://example.org',
      'X-List': '1, 2',
    });
  });

  it('has a new key for each handshake', async () => {
    const server = await startScriptedServer();
    const keys = new Set<string | undefined>();
    for (let turn = 0; turn < 3; turn++) {
      const opening = open(`ws://127.0.0.1:${server.port}/`);
      keys.add((await (await server.peer()).acceptsHandshake()).header('Sec-WebSocket-Key'));
      await opening;
    }
    expect(keys.size).toBe(3);
  });

  it('loses no frame that comes in one segment with the answer', async () => {
    const server = await startScriptedServer();
    const opening = open(`ws://127.0.0.1:${server.port}/`);
    const peer = await server.peer();
    await peer.acceptsHandshake({ followedBy: peer.frame({ opcode: 1, payload: 'first' }) });
    const socket = await opening;
    await new Promise((resolve) => setTimeout(resolve, 20));
    for await (const message of socket) {
      expect(message).toBe('first');
      break;
    }
  });

  it('takes an informational response before the answer', async () => {
    const server = await startScriptedServer();
    const opening = open(`ws://127.0.0.1:${server.port}/`);
    const peer = await server.peer();
    peer.sends(Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'));
    await peer.acceptsHandshake();
    await opening;
  });

  it('leaves nothing of HTTP on the transport, and no listener on the signal', async () => {
    const { port } = await echo();
    const transport = connectTcp({ port, host: '127.0.0.1' });
    const noDelay: unknown[] = [];
    transport.setNoDelay = (on) => {
      noDelay.push(on);
      return transport;
    };
    const abort = new AbortController();
    const timers = new TimerWatch();
    const socket = await open('ws://example.org/', {
      createConnection: async () => transport,
      signal: abort.signal,
      handshakeTimeoutMs: 54_321,
    });
    const listeners = transport.eventNames().flatMap((name) => transport.listeners(name));
    for (const { name } of listeners)
      expect(name).not.toMatch(/^(socket|onSocket|free|agent|#broke)/i);
    expect(timers.of(54_321)).toEqual(['cleared']);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    expect(noDelay).toEqual([true]);
    abort.abort();
    expect(socket.state).toBe('open');
    expect(await reply(socket, 'still here')).toBe('still here');
  });
});

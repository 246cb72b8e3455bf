import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { connect as connectTcp, createServer as createTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { HandshakeError } from '@heddle/core';
import { portOf, selfSignedCertificate } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import { HandshakeRefusedError } from '../../src/client/handshake-refused.ts';
import { echo, StreamServer } from '../stream-server.ts';
import { TimerWatch } from '../timers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const certificate = selfSignedCertificate();
const tls = { ca: certificate.cert };

/** What a handshake fails with, and that nothing of it is left. */
async function failure(
  answer: (stream: ServerHttp2Stream) => void,
  options: ConnectOptions = {},
): Promise<unknown> {
  const timers = new TimerWatch();
  const server = await StreamServer.start(answer);
  const error = await connect(server.url, { http: 2, ...options }).catch((e: unknown) => e);
  const { handshakeTimeoutMs = 10_000 } = options;
  expect(new Set(timers.of(handshakeTimeoutMs))).toEqual(new Set(['cleared']));
  await expect.poll(() => server.open).toBe(0);
  return error;
}

describe('a refusal over HTTP/2', () => {
  it('has status, header fields and body', async () => {
    const error = await failure((stream) => {
      stream.respond({
        ':status': 401,
        'www-authenticate': 'Basic',
        'set-cookie': ['a=1', 'b=2'],
      });
      stream.end('who are you?');
    });
    expect(error).toBeInstanceOf(HandshakeRefusedError);
    expect(error).toMatchObject({
      name: 'HandshakeError',
      code: 'WS_HANDSHAKE_REFUSED',
      status: 401,
      body: Buffer.from('who are you?'),
    });
    const { headers } = error as HandshakeRefusedError;
    expect(headers).toEqual({
      'www-authenticate': 'Basic',
      'set-cookie': 'a=1, b=2',
      date: expect.any(String),
    });
  });

  it('may have no body', async () => {
    const error = await failure((stream) => {
      stream.respond({ ':status': 404 }, { endStream: true });
    });
    expect(error).toMatchObject({ status: 404, body: Buffer.alloc(0) });
  });

  it('has the first 4 KiB of a body that is longer, and does not wait for the rest', async () => {
    const error = await failure((stream) => {
      stream.respond({ ':status': 500 });
      stream.write('x'.repeat(5_000));
    });
    expect(error).toMatchObject({ status: 500, body: Buffer.from('x'.repeat(4_096)) });
  });

  it.each([constants.NGHTTP2_CANCEL, constants.NGHTTP2_INTERNAL_ERROR, 0x7])(
    'has what came of a body that is cut off with %i',
    async (code) => {
      const error = await failure((stream) => {
        stream.respond({ ':status': 404 });
        stream.write('half');
        setTimeout(() => stream.close(code), 20);
      });
      expect(error).toMatchObject({ status: 404, body: Buffer.from('half') });
    },
  );

  it('has what came of a body that does not end before the deadline', async () => {
    const error = await failure(
      (stream) => {
        stream.respond({ ':status': 404 });
        stream.write('half');
      },
      { handshakeTimeoutMs: 80 },
    );
    expect(error).toMatchObject({ status: 404, body: Buffer.from('half') });
  });

  it('needs no end of our own half: it is read when the server has ended its', async () => {
    const began = performance.now();
    const error = await failure((stream) => {
      stream.resume();
      stream.respond({ ':status': 404 });
      stream.end('nobody here');
    });
    expect(error).toMatchObject({ status: 404, body: Buffer.from('nobody here') });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each([204, 202, 301])('is a %i, too', async (status) => {
    const error = await failure((stream) => {
      stream.respond({ ':status': status }, { endStream: true });
    });
    expect(error).toMatchObject({ code: 'WS_HANDSHAKE_REFUSED', status });
  });

  it('ends the stream alone, not what others have over the same connection', async () => {
    let answered = 0;
    const server = await StreamServer.start((stream) => {
      if (++answered === 1) echo(stream);
      else stream.respond({ ':status': 403 }, { endStream: true });
    });
    const socket = await connect(server.url, { http: 2 });
    await expect(connect(server.url, { http: 2 })).rejects.toMatchObject({ status: 403 });
    socket.send('still there');
    expect(await once(socket, 'message')).toEqual(['still there']);
    expect(server.transports).toHaveLength(1);
    await socket.close();
    await expect.poll(() => server.open).toBe(0);
  });
});

describe('an answer of 200 that breaks a rule of RFC 6455 §4.1', () => {
  it.each<[string, Record<string, string>]>([
    ['WS_ANSWER_SUBPROTOCOL', { 'sec-websocket-protocol': 'never offered' }],
    ['WS_ANSWER_EXTENSION_NOT_OFFERED', { 'sec-websocket-extensions': 'permessage-deflate' }],
    ['WS_ANSWER_EXTENSIONS', { 'sec-websocket-extensions': '=' }],
  ])('%s: %o, and the stream is cancelled', async (code, headers) => {
    const resets: unknown[] = [];
    const error = await failure(
      (stream) => {
        stream.on('close', () => resets.push(stream.rstCode));
        stream.respond({ ':status': 200, ...headers });
      },
      { subprotocols: ['a'] },
    );
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ code });
    await expect.poll(() => resets).toEqual([constants.NGHTTP2_CANCEL]);
  });
});

describe('a server that fails', () => {
  it.each([
    [constants.NGHTTP2_CANCEL, 'ECONNRESET'],
    [constants.NGHTTP2_NO_ERROR, 'ECONNRESET'],
    [constants.NGHTTP2_INTERNAL_ERROR, 'ERR_HTTP2_STREAM_ERROR'],
    // It has answered nothing yet: another session would not fare better.
    [constants.NGHTTP2_REFUSED_STREAM, 'ERR_HTTP2_STREAM_ERROR'],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'ERR_HTTP2_STREAM_ERROR'],
  ])('and resets the stream with %i rejects with %s', async (reset, code) => {
    expect(await failure((stream) => stream.close(reset))).toMatchObject({ code });
  });

  it('and drops the connection rejects with its own error, for all', async () => {
    const server = await StreamServer.start((stream) => {
      if (server.streams.length === 3) server.transports[0]?.resetAndDestroy();
      else stream.resume();
    });
    const pending = [1, 2, 3].map(() => connect(server.url, { http: 2 }));
    for (const each of pending) await expect(each).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(server.transports).toHaveLength(1);
  });

  it.each([1, 2])('with nobody listening, rejects %i at once with ECONNREFUSED', async (count) => {
    const server = createTcp();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    for (const scheme of ['ws', 'wss']) {
      const url = `${scheme}://127.0.0.1:${port}/`;
      for (const pending of Array.from({ length: count }, () => connect(url, { http: 2 }))) {
        await expect(pending).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      }
    }
  });

  it('by saying GOAWAY at once rejects, and is not asked again and again', async () => {
    const server = await StreamServer.start(echo);
    server.server.on('session', (session) => session.goaway());
    const made: Socket[] = [];
    const createConnection = () => {
      const transport = connectTcp(server.port, '127.0.0.1');
      made.push(transport);
      return transport;
    };
    const both = [1, 2].map(() => connect('ws://h/', { http: 2, createConnection }));
    for (const each of both) {
      await expect(each).rejects.toMatchObject({
        code: expect.stringMatching(/^E.*(RESET|STREAM)/),
      });
    }
    // This server does not read our end, nor end itself: it is given 5 s to.
    expect(made).toMatchObject([{ destroyed: false }]);
    await expect.poll(() => made[0]?.destroyed, { timeout: 8_000 }).toBe(true);
  });

  it('to prove who it is rejects with its own error', async () => {
    const server = await StreamServer.start(echo, { tls: certificate });
    const both = [1, 2].map(() => connect(server.url, { http: 2 }));
    for (const each of both) {
      await expect(each).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    }
    expect(server.transports).toHaveLength(1);
    await expect.poll(() => server.open).toBe(0);
  });

  it('and closes after TLS has agreed on HTTP/2 rejects with its own error', async () => {
    const server = await StreamServer.start(echo, { tls: certificate });
    server.server.removeAllListeners('secureConnection');
    server.server.on('secureConnection', (transport: Socket) => transport.resume().end());
    await expect(connect(server.url, { http: 2, tls })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    await expect.poll(() => server.open).toBe(0);
  });

  it.each<[string, () => Promise<Duplex> | Duplex]>([
    [
      'throws',
      () => {
        throw new Error('the proxy said no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the proxy said no'))],
    [
      'makes a stream that fails at once',
      () => {
        const stream = new Duplex({ read() {}, write() {} });
        stream.destroy(new Error('the proxy said no'));
        return stream;
      },
    ],
  ])('because createConnection %s rejects with that error', async (_how, createConnection) => {
    for (const scheme of ['ws', 'wss']) {
      const options = { http: 2, createConnection } as const;
      const both = [1, 2].map(() => connect(`${scheme}://h/`, options));
      for (const each of both) await expect(each).rejects.toEqual(new Error('the proxy said no'));
    }
  });
});

describe('a header field that HTTP/2 cannot carry', () => {
  it.each<Record<string, string | string[]>>([
    { 'Proxy-Connection': 'keep-alive' },
    { Authorization: ['Basic eA==', 'Bearer x'] },
    { Host: ['a.example', 'b.example'] },
  ])('rejects with a UsageError: %o', async (headers) => {
    const server = await StreamServer.start(echo);
    await expect(connect(server.url, { http: 2, headers })).rejects.toMatchObject({
      code: 'WS_INVALID_OPTION',
      message: expect.stringContaining('headers: '),
    });
    await expect.poll(() => server.open).toBe(0);
  });
});

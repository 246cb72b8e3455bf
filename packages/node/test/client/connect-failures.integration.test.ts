import { getEventListeners } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { HandshakeError, UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import { HandshakeRefusedError } from '../../src/client/handshake-refused.ts';
import { startScriptedServer } from '../scripted-answers.ts';
import { TimerWatch } from '../timers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** What a handshake fails with, and that nothing of it is left. */
async function failure(
  answer: (server: Awaited<ReturnType<typeof startScriptedServer>>) => Promise<void>,
  options: ConnectOptions = {},
): Promise<unknown> {
  const server = await startScriptedServer();
  const before = resources();
  const timers = new TimerWatch();
  const made: Socket[] = [];
  const createConnection = (): Socket => {
    const socket = connectTcp({ port: server.port, host: '127.0.0.1' });
    made.push(socket);
    return socket;
  };
  const [outcome] = await Promise.all([
    connect('ws://example.org/', { createConnection, ...options }).catch((error: unknown) => error),
    answer(server),
  ]);
  for (const socket of made) expect(socket.destroyed).toBe(true);
  const { handshakeTimeoutMs = 10_000 } = options;
  expect(new Set(timers.of(handshakeTimeoutMs))).toEqual(new Set(['cleared']));
  await server.close();
  await expect.poll(() => beyond(before, resources())).toEqual([]);
  return outcome;
}

/** An answer in these bytes, after a good request. */
function answering(text: string) {
  return async (server: Awaited<ReturnType<typeof startScriptedServer>>): Promise<void> => {
    const peer = await server.peer();
    await peer.receivesRequest();
    peer.sends(Buffer.from(text));
  };
}

describe('an answer that breaks a rule of §4.1', () => {
  it.each<[string, Record<string, string | readonly string[] | undefined>]>([
    ['WS_ANSWER_UPGRADE', { Upgrade: undefined }],
    ['WS_ANSWER_UPGRADE', { Upgrade: 'h2c' }],
    ['WS_ANSWER_CONNECTION', { Connection: undefined }],
    ['WS_ANSWER_CONNECTION', { Connection: 'keep-alive' }],
    ['WS_ANSWER_ACCEPT', { 'Sec-WebSocket-Accept': undefined }],
    ['WS_ANSWER_ACCEPT', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }],
    ['WS_ANSWER_SUBPROTOCOL', { 'Sec-WebSocket-Protocol': 'never offered' }],
    ['WS_ANSWER_EXTENSION_NOT_OFFERED', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }],
    ['WS_ANSWER_EXTENSIONS', { 'Sec-WebSocket-Extensions': '=' }],
    ['WS_ANSWER_HEADER_REPEATED', { 'Sec-WebSocket-Protocol': ['a', 'a'] }],
  ])('%s: %o', async (code, headers) => {
    const error = await failure(
      async (server) => {
        await (await server.peer()).acceptsHandshake({ headers });
      },
      { subprotocols: ['a'] },
    );
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ code, status: 101 });
  });
});

describe('a refusal', () => {
  it('has status, header fields and body', async () => {
    const head = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\nWWW-Authenticate: Basic\r\n';
    const error = await failure(
      answering(`${head}Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nwho are you?`),
    );
    expect(error).toBeInstanceOf(HandshakeRefusedError);
    expect(error).toMatchObject({
      name: 'HandshakeError',
      code: 'WS_HANDSHAKE_REFUSED',
      status: 401,
      headers: { 'www-authenticate': 'Basic', 'set-cookie': 'a=1, b=2' },
      body: Buffer.from('who are you?'),
    });
    expect(String(error)).toContain('401');
  });

  it('has the first 4 KiB of a body that is longer, and does not wait for the rest', async () => {
    const body = 'x'.repeat(5_000);
    const error = await failure(
      answering(`HTTP/1.1 500 No\r\nContent-Length: 99999\r\n\r\n${body}`),
    );
    expect(error).toMatchObject({ status: 500, body: Buffer.from('x'.repeat(4_096)) });
  });

  it('has what came of a body that is cut off', async () => {
    const error = await failure(async (server) => {
      const peer = await server.peer();
      await peer.receivesRequest();
      peer.sends(Buffer.from('HTTP/1.1 404 No\r\nContent-Length: 99\r\n\r\nhalf'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      peer.reset();
    });
    expect(error).toMatchObject({ status: 404, body: Buffer.from('half') });
  });

  it('has what came of a body that does not end before the deadline', async () => {
    const error = await failure(answering('HTTP/1.1 404 No\r\nContent-Length: 99\r\n\r\nhalf'), {
      handshakeTimeoutMs: 80,
    });
    expect(error).toMatchObject({ status: 404, body: Buffer.from('half') });
  });

  it('is a redirect, too: it is not followed', async () => {
    const error = await failure(
      answering(
        'HTTP/1.1 301 Moved\r\nLocation: ws://elsewhere.example/\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    expect(error).toMatchObject({ status: 301, headers: { location: 'ws://elsewhere.example/' } });
  });

  it('is an answer of 200 to a handshake that was ignored', async () => {
    expect(
      await failure(answering('HTTP/1.1 200 OK\r\n\r\n<html>'), { handshakeTimeoutMs: 80 }),
    ).toMatchObject({ status: 200, body: Buffer.from('<html>') });
  });
});

describe('a network that fails', () => {
  it('rejects with its own error: nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await new Promise((resolve) => server.close(resolve));
    await expect(connect(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await expect(connect(`wss://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('rejects with its own error: there is no route, which is known at once', async () => {
    await expect(connect('ws://255.255.255.255/')).rejects.toHaveProperty('code');
  });

  it('rejects with its own error: the name does not exist', async () => {
    await expect(connect('ws://name.invalid/')).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
  });

  it.each<[string, (socket: { end(): void; reset(): void }) => void]>([
    ['ends the connection', (socket) => socket.end()],
    ['resets it', (socket) => socket.reset()],
  ])('rejects with its own error: the server %s', async (_how, lose) => {
    const error = await failure(async (server) => {
      const peer = await server.peer();
      await peer.receivesRequest();
      lose(peer);
    });
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it("rejects with the parser's error for what is not HTTP", async () => {
    const error = await failure(answering('SSH-2.0-OpenSSH_9.9\r\n'));
    expect(error).toMatchObject({ code: expect.stringMatching(/^HPE_/) });
  });
});

describe('a handshake that is given up', () => {
  const silent = async (server: Awaited<ReturnType<typeof startScriptedServer>>): Promise<void> => {
    await (await server.peer()).receivesRequest();
  };

  it('after handshakeTimeoutMs', async () => {
    const error = await failure(silent, { handshakeTimeoutMs: 60 });
    expect(error).toMatchObject({
      name: 'TimeoutError',
      message: expect.stringContaining('60 ms'),
    });
  });

  it('by the signal, with its reason', async () => {
    const abort = new AbortController();
    const reason = new Error('the user went away');
    const error = await failure(
      async (server) => {
        await silent(server);
        abort.abort(reason);
      },
      { signal: abort.signal },
    );
    expect(error).toBe(reason);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('by a signal that has aborted: nothing is opened', async () => {
    const createConnection = (): Duplex => expect.unreachable();
    const signal = AbortSignal.abort('never mind');
    await expect(connect('ws://h/', { signal, createConnection })).rejects.toBe('never mind');
  });

  it('destroys a stream that createConnection makes too late', async () => {
    const [near] = duplexPair();
    const createConnection = async (): Promise<Duplex> => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return near;
    };
    const pending = connect('ws://h/', { handshakeTimeoutMs: 20, createConnection });
    await expect(pending).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => near.destroyed).toBe(true);
  });
});

describe('createConnection', () => {
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
  ])('that %s fails the handshake', async (_how, createConnection) => {
    for (const scheme of ['ws', 'wss']) {
      const error = await connect(`${scheme}://h/`, { createConnection }).catch((e: unknown) => e);
      expect(error).toEqual(new Error('the proxy said no'));
    }
  });

  it('may give any stream: the handshake and the connection need no TCP', async () => {
    const [near, far] = duplexPair();
    const opening = connect('ws://h/', { createConnection: () => near });
    const request = await new Promise<string>((resolve) => {
      far.once('data', (chunk: Buffer) => resolve(String(chunk)));
    });
    expect(request).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    far.write('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
    await expect(opening).rejects.toMatchObject({ status: 403 });
    expect(near.destroyed).toBe(true);
  });
});

describe('a call that is wrong', () => {
  it.each<[string, string, ConnectOptions]>([
    ['another scheme', 'ftp://example.org/', {}],
    ['a fragment', 'ws://example.org/#x', {}],
    ['no URL', 'example.org', {}],
    ['a subprotocol twice', 'ws://h/', { subprotocols: ['a', 'a'] }],
    ['a subprotocol that is no token', 'ws://h/', { subprotocols: ['a b'] }],
    ['a header of the handshake', 'ws://h/', { headers: { Upgrade: 'h2c' } }],
    ['a deadline of nothing', 'ws://h/', { handshakeTimeoutMs: 0 }],
    ['an option of nobody', 'ws://h/', { handshakeTimeout: 5 } as ConnectOptions],
  ])('rejects with a UsageError: %s', async (_what, url, options) => {
    const createConnection = (): Duplex => expect.unreachable();
    const error = await connect(url, { ...options, createConnection }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'WS_INVALID_OPTION' });
  });
});

/** What there is now and was not before; what others have let go of meanwhile does not matter. */
function beyond(before: readonly string[], now: readonly string[]): string[] {
  const known = [...before];
  return now.filter((kind) => {
    const index = known.indexOf(kind);
    if (index === -1) return true;
    known.splice(index, 1);
    return false;
  });
}

/** What there is of sockets and timers. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /^(TCPSocket|TLS|Timeout)/.test(kind))
    .sort();
}

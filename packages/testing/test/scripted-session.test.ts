import {
  constants,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  sensitiveHeaders,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../src/certificate.ts';
import { openClientOn } from '../src/client.ts';
import { encodeFrame } from '../src/frame.ts';
import type { Http2Peer } from '../src/http2-peer.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';
import { portOf } from '../src/scripted-server.ts';
import { ScriptedSession } from '../src/scripted-session.ts';

const certificate = selfSignedCertificate();
const settings = { enableConnectProtocol: true };
const hello = encodeFrame({ opcode: 1, payload: 'hello', maskingKey: false });

/** The streams that the server has been asked for, each with its header fields. */
let requests: { readonly stream: ServerHttp2Stream; readonly headers: IncomingHttpHeaders }[];
let sessions: ServerHttp2Session[];
let server: Server;
let session: ScriptedSession;

beforeEach(async () => {
  requests = [];
  sessions = [];
  server = createSecureServer({ key: certificate.key, cert: certificate.cert, settings });
  server.on('session', (accepted) => sessions.push(accepted));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    requests.push({ stream, headers });
    answer(stream, headers);
  });
  session = await ScriptedSession.connect({ ...(await listening()), timeoutMs: 300 });
});

afterEach(async () => {
  session.destroy();
  for (const accepted of sessions) accepted.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('a scripted session', () => {
  it('waits for the settings, and has them', () => {
    expect(session.settings.enableConnectProtocol).toBe(true);
    expect(session.closed).toBe(false);
  });

  it('sends a right handshake: an extended CONNECT', async () => {
    await session.handshake({ path: '/chat?x=1' }).receivesResponse();
    expect(requests[0]?.headers).toEqual({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':authority': `127.0.0.1:${portOf(server)}`,
      ':path': '/chat?x=1',
      'sec-websocket-version': '13',
      [sensitiveHeaders]: [],
    });
  });

  it('sends the fields of a description in place of its own, and leaves out what is undefined', async () => {
    const headers = {
      ':protocol': undefined,
      ':path': undefined,
      'Sec-WebSocket-Version': '8',
      Host: 'chat.example',
      Cookie: ['a=1', 'b=2'],
    };
    await session.handshake({ headers }).receivesResponse();
    expect(requests[0]?.headers).toMatchObject({
      ':authority': 'chat.example',
      'sec-websocket-version': '8',
      cookie: 'a=1; b=2',
    });
    expect(Object.keys(requests[0]?.headers ?? {})).not.toContain(':protocol');
    expect(Object.keys(requests[0]?.headers ?? {})).not.toContain(':path');
  });

  it('carries several peers and requests at once', async () => {
    const peers = [session.handshake(), session.handshake()];
    for (const peer of peers) expect((await peer.receivesResponse()).status).toBe(200);
    const page = await session.request({ path: '/page' });
    expect(page).toMatchObject({
      version: 'HTTP/2',
      status: 404,
      reason: '',
      body: 'no such page',
    });
    expect(page.header('Content-Type')).toBe('text/plain');
    for (const peer of peers) {
      peer.sendsFrame({ opcode: 1, payload: 'hello' });
      await peer.receives(hello);
    }
    expect(sessions).toHaveLength(1);
  });

  it('asks for a sign of life, and says when none comes', async () => {
    await session.ping();
    session.reset();
    await expect(session.ping()).rejects.toThrow();
    expect(session.closed).toBe(true);
  });

  it('says GOAWAY with a code, and goes on itself', async () => {
    const peer = await opened();
    const code = new Promise((resolve) => sessions[0]?.once('goaway', resolve));
    session.goAway();
    expect(await code).toBe(constants.NGHTTP2_NO_ERROR);
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receives(hello);
  });

  it('is closed once its last stream is', async () => {
    const peer = await opened();
    session.close();
    const gone = new Promise((resolve) => sessions[0]?.once('close', resolve));
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receives(hello);
    peer.end();
    await gone;
  });

  it('has nothing to do with a server of HTTP/1.1', async () => {
    const noHttp2 = createHttpsServer({ ...certificate, ALPNProtocols: ['http/1.1'] });
    await new Promise<void>((resolve) => noHttp2.listen(0, '127.0.0.1', resolve));
    const options = { port: portOf(noHttp2), tls: { ca: certificate.cert } };
    await expect(ScriptedSession.connect(options)).rejects.toThrow();
    await new Promise((resolve) => noHttp2.close(resolve));
  });

  it('speaks HTTP/2 in the open, too', async () => {
    const open = createServer({ settings });
    open.on('stream', answer);
    await new Promise<void>((resolve) => open.listen(0, '127.0.0.1', resolve));
    const other = await ScriptedSession.connect({ port: portOf(open) });
    expect((await other.request()).status).toBe(404);
    other.destroy();
    await new Promise((resolve) => open.close(resolve));
  });
});

describe('a scripted peer over HTTP/2', () => {
  it('sends frames behind the handshake without waiting for the answer', async () => {
    const followedBy = encodeFrame({ opcode: 1, payload: 'hello', maskingKey: '37 fa 21 3d' });
    const peer = session.handshake({ followedBy });
    expect((await peer.receivesResponse()).body).toBe('');
    await peer.receives(hello);
  });

  it('has the whole response of a refusal, and its end', async () => {
    const peer = session.handshake({ path: '/closed' });
    const response = await peer.receivesResponse();
    expect(response).toMatchObject({ status: 401, body: 'who are you?' });
    expect(response.header('Set-Cookie')).toBe('a=1, b=2');
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    await peer.receivesEnd();
    expect(peer.resetCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it('ends with END_STREAM, and does not by itself', async () => {
    const peer = await opened();
    requests[0]?.stream.end();
    await peer.receivesEnd();
    expect(peer.closed).toBe(false);
    expect(requests[0]?.stream.readableEnded).toBe(false);
    const ended = new Promise((resolve) => requests[0]?.stream.once('end', resolve));
    peer.end();
    await ended;
  });

  it('resets with CANCEL, and leaves the others of its session alone', async () => {
    const [peer, other] = [await opened(), await opened()];
    const closed = new Promise((resolve) => requests[0]?.stream.once('close', resolve));
    peer.reset();
    await closed;
    expect(requests[0]?.stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    other.sendsFrame({ opcode: 1, payload: 'hello' });
    await other.receives(hello);
  });

  it('sees a reset of the other side', async () => {
    const peer = await opened();
    requests[0]?.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await expect(peer.receivesFrame()).rejects.toThrow('A frame did not come');
    await expect.poll(() => peer.closed).toBe(true);
    expect(peer.resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  it('says so when no response comes, in time or ever', async () => {
    await expect(session.handshake({ path: '/mute' }).receivesResponse()).rejects.toThrow('300 ms');
    const peer = session.handshake({ path: '/mute' });
    session.reset();
    await expect(peer.receivesResponse()).rejects.toThrow('No response came');
  });
});

describe('a client over HTTP/2', () => {
  it('exchanges messages on a stream of its session, and closes', async () => {
    const client = await openClientOn(session, { path: '/chat', subprotocols: ['a', 'b'] });
    expect(requests[0]?.headers['sec-websocket-protocol']).toBe('a, b');
    client.send('hello');
    expect(await client.next()).toBe('hello');
    expect(await client.close()).toEqual({ code: 1000, reason: '' });
    expect(session.closed).toBe(false);
  });

  it('rejects with the answer if that is no 2xx', async () => {
    const refused = openClientOn(session, { path: '/closed' });
    await expect(refused).rejects.toThrow('The handshake was answered 401: who are you?');
  });
});

/** Accepts every handshake but for two paths, and sends frames back as a server's: unmasked. */
function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const path = headers[':path'];
  if (path === '/mute') return;
  if (headers[':method'] !== 'CONNECT') {
    stream.respond({ ':status': 404, 'content-type': 'text/plain' });
    stream.end('no such page');
  } else if (path === '/closed') {
    stream.respond({ ':status': 401, 'set-cookie': ['a=1', 'b=2'] });
    stream.end('who are you?');
  } else {
    stream.respond({ ':status': 200 });
    const peer = new ScriptedPeer(stream, { role: 'server', timeoutMs: 2_000 });
    echoFrames(peer).catch(() => stream.end());
  }
}

async function echoFrames(peer: ScriptedPeer): Promise<void> {
  for (;;) {
    const { opcode, payload } = await peer.receivesFrame();
    peer.sendsFrame({ opcode, payload });
    if (opcode === 8) return peer.end();
  }
}

async function opened(): Promise<Http2Peer> {
  const peer = session.handshake();
  expect((await peer.receivesResponse()).status).toBe(200);
  return peer;
}

async function listening() {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server), tls: { ca: certificate.cert } };
}

import { createServer, type Server, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textBytes } from '../src/bytes.ts';
import { deferred } from '../src/deferred.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';
import { portOf } from '../src/scripted-server.ts';

let server: Server;
/** The server's side of the one connection that a test makes. */
let socket: Socket;
let peer: ScriptedPeer;

beforeEach(async () => {
  const connected = deferred<Socket>();
  server = createServer({ allowHalfOpen: true }, connected.resolve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  peer = await ScriptedPeer.connect({ port: portOf(server), timeoutMs: 300 });
  socket = await connected.promise;
});

afterEach(async () => {
  peer.destroy();
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('a scripted peer expects', () => {
  it('exactly the next bytes, however they were cut', async () => {
    socket.write(textBytes('He'));
    setTimeout(() => socket.write(textBytes('llo, you')), 20);
    await peer.receives('48 65 6c 6c 6f');
    await peer.receives(textBytes(', you'));
    expect(peer.pending.byteLength).toBe(0);
  });

  it('and shows both when others come', async () => {
    socket.write(textBytes('HI'));
    await expect(peer.receives('48 65')).rejects.toThrow('Expected 48 65\nbut got  48 49');
  });

  it('and shows what came in time when too little comes', async () => {
    socket.write(textBytes('H'));
    await expect(peer.receives('48 65')).rejects.toThrow(
      '48 65 did not come within 300 ms. There came: 48',
    );
  });

  it('and does not wait any longer once the stream has ended', async () => {
    socket.end(textBytes('H'));
    await expect(peer.receives('48 65')).rejects.toThrow(
      '48 65 did not come before the stream ended. There came: 48',
    );
    expect(peer.ended).toBe(true);
  });

  it('and says so when the connection was reset', async () => {
    socket.resetAndDestroy();
    await expect(peer.receives('48')).rejects.toThrow(/before the stream broke \(.*ECONNRESET/);
    expect(peer.error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('a text', async () => {
    socket.write(peer.frame({ opcode: 1, payload: 'é', maskingKey: false }));
    await peer.receivesText('é');
    socket.write(peer.frame({ opcode: 2, payload: 'é', maskingKey: false }));
    await expect(peer.receivesText('é')).rejects.toThrow(
      'Expected the text "é"\nbut got a frame: opcode 2, fin true, c3 a9',
    );
  });

  it('the end, and nothing before it', async () => {
    socket.end();
    await peer.receivesEnd();
    expect(peer.ended).toBe(true);
  });

  it('the end, and shows what came before it', async () => {
    socket.end(textBytes('H'));
    await expect(peer.receivesEnd()).rejects.toThrow('Expected the end of the stream\nbut got  48');
  });
});

describe('a scripted peer sends', () => {
  it('bytes, and frames that are masked as §5.7 masks them', async () => {
    const other = new ScriptedPeer(socket, { role: 'server' });
    peer.sends('00 ff');
    peer.sendsFrame({ opcode: 1, payload: 'Hello' });
    await other.receives('00 ff 81 85 37 fa 21 3d 7f 9f 4d 51 58');
    other.sendsFrame({ opcode: 1, payload: 'Hello' });
    await peer.receives('81 05 48 65 6c 6c 6f');
  });

  it('bytes in pieces, each of which arrives by itself', async () => {
    // In memory: TCP may join what a busy machine reads late.
    const [near, far] = duplexPair();
    const pieces: number[] = [];
    far.on('data', (chunk) => pieces.push(chunk.byteLength));
    await new ScriptedPeer(near).dribble(new Uint8Array(8), [1, 3, 2]);
    await expect.poll(() => pieces).toEqual([1, 3, 2, 2]);
  });

  it('the end, and still receives', async () => {
    const ended = new Promise((resolve) => socket.on('end', resolve).resume());
    peer.end();
    await ended;
    socket.write(textBytes('late'));
    await peer.receives(textBytes('late'));
    expect(peer.ended).toBe(false);
  });

  it('a reset', async () => {
    const failed = new Promise((resolve) => socket.on('error', resolve).resume());
    peer.reset();
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  });

  it('nothing of its own accord', async () => {
    const heard: unknown[] = [];
    socket.on('data', (chunk) => heard.push(chunk)).on('end', () => heard.push('end'));
    socket.end(peer.frame({ opcode: 9, payload: 'ping', maskingKey: false }));
    expect((await peer.receivesFrame()).opcode).toBe(9);
    await peer.receivesEnd();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([]);
  });

  it('nothing back while it is paused', async () => {
    peer.pause();
    const block = new Uint8Array(1 << 20);
    let blocks = 0;
    while (blocks < 64 && socket.write(block)) blocks++;
    for (; blocks < 64; blocks++) socket.write(block);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(peer.pending.byteLength).toBe(0);
  });
});

describe('a scripted peer speaks HTTP', () => {
  it('and keeps repeated fields apart', async () => {
    socket.write(
      'HTTP/1.1 200 Very OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nhiX',
    );
    const response = await peer.receivesResponse();
    expect(response).toMatchObject({
      version: 'HTTP/1.1',
      status: 200,
      reason: 'Very OK',
      body: 'hi',
    });
    expect(response.headers.slice(0, 2)).toEqual([
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(response.header('SET-COOKIE')).toBe('a=1, b=2');
    expect(response.header('Age')).toBeUndefined();
    await peer.receives(textBytes('X'));
  });

  it('with bodies that are chunked', async () => {
    socket.write(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
    );
    expect((await peer.receivesResponse()).body).toBe('hello');
  });

  it('with bodies that last until the end', async () => {
    socket.end('HTTP/1.1 200 OK\r\n\r\nhello');
    expect((await peer.receivesResponse()).body).toBe('hello');
  });

  it.each([
    ['to a HEAD', 'HEAD', '200'],
    ['of status 304', 'GET', '304'],
  ])('without a body in the answer %s', async (_what, method, status) => {
    socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`);
    expect((await peer.receivesResponse(method)).body).toBe('');
  });

  it('both ways', async () => {
    const other = new ScriptedPeer(socket, { role: 'server' });
    const response = peer.handshake({ path: '/x', followedBy: peer.frame({ opcode: 9 }) });
    const request = await other.acceptsHandshake({
      headers: { 'Sec-WebSocket-Protocol': 'chat' },
      followedBy: other.frame({ opcode: 1, payload: 'hi' }),
    });
    expect(request).toMatchObject({ method: 'GET', target: '/x', version: 'HTTP/1.1', body: '' });
    expect(request.header('host')).toBe(`127.0.0.1:${portOf(server)}`);
    expect((await other.receivesFrame()).opcode).toBe(9);
    expect((await response).status).toBe(101);
    await peer.receivesText('hi');
  });

  it('with a request that has a body', async () => {
    const other = new ScriptedPeer(socket, { role: 'server' });
    const headers = { 'Content-Length': '3' };
    const answered = peer.request({ method: 'POST', headers, followedBy: textBytes('abc') });
    expect(await other.receivesRequest()).toMatchObject({ method: 'POST', body: 'abc' });
    other.sends(textBytes('HTTP/1.1 204 No Content\r\n\r\n'));
    expect((await answered).status).toBe(204);
  });
});

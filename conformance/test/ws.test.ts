import { on, once } from 'node:events';
import { connect } from '@heddle/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { EchoProcess } from './echo-process.ts';
import { messageSizes, someBytes, someText } from './sizes.ts';

describe('ws as client of our echo server', () => {
  let echo: EchoProcess;
  beforeAll(async () => {
    echo = await EchoProcess.start();
  });
  afterAll(async () => {
    expect(await echo.stop()).toBe(0);
  });

  it.each(messageSizes)('gets %i bytes back, as binary and as text', async (size) => {
    const client = new WebSocket(echo.url, { perMessageDeflate: false });
    await once(client, 'open');
    const bytes = someBytes(size);
    const text = someText(size);
    client.send(bytes);
    const [binary, isBinary] = await once(client, 'message');
    client.send(text);
    const [textual, isText] = await once(client, 'message');
    expect(isBinary).toBe(true);
    expect(bytes.equals(binary)).toBe(true);
    expect(isText).toBe(false);
    expect(String(textual) === text).toBe(true);
    client.close(1000, 'done');
    const [code] = await once(client, 'close');
    expect(code).toBe(1000);
  });

  it('gets a message of 100,000 fragments back, with pings in between', async () => {
    const client = new WebSocket(echo.url, { perMessageDeflate: false });
    await once(client, 'open');
    let pongs = 0;
    client.on('pong', () => pongs++);
    for (let index = 0; index < 100_000; index++) {
      client.send('x', { fin: index === 99_999 });
      if (index % 10_000 === 0) client.ping();
    }
    const [message] = await once(client, 'message');
    expect(String(message)).toBe('x'.repeat(100_000));
    expect(pongs).toBeGreaterThan(0);
    client.terminate();
  });

  it('is served when it offers permessage-deflate, without compression', async () => {
    const client = new WebSocket(echo.url);
    await once(client, 'open');
    expect(client.extensions).toBe('');
    client.send('plain');
    const [message] = await once(client, 'message');
    expect(String(message)).toBe('plain');
    client.terminate();
  });

  it('may send faster than it reads: nothing is lost, and the server holds no more than its mark', async () => {
    const client = new WebSocket(echo.url, { perMessageDeflate: false });
    await once(client, 'open');
    client.pause();
    const count = 2_000;
    for (let index = 0; index < count; index++) client.send(someBytes(16_384));
    setTimeout(() => client.resume(), 300);
    let echoed = 0;
    for await (const [message] of on(client, 'message')) {
      if (!someBytes(16_384).equals(message)) throw new Error(`message ${echoed} differs`);
      if (++echoed === count) break;
    }
    expect(echoed).toBe(count);
    client.terminate();
  });
});

describe('connect() to a server of ws', () => {
  let server: WebSocketServer;
  let url: string;
  beforeAll(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
    server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `ws://127.0.0.1:${address.port}/`;
  });
  afterAll(() => {
    server.close();
  });

  it.each(messageSizes)('gets %i bytes back, as binary and as text', async (size) => {
    const socket = await connect(url, { limits: { maxMessageBytes: 2 ** 25 } });
    const messages = socket[Symbol.asyncIterator]();
    const bytes = someBytes(size);
    const text = someText(size);
    socket.send(bytes);
    const { value: binary } = await messages.next();
    socket.send(text);
    const { value: textual } = await messages.next();
    expect(Buffer.isBuffer(binary) && binary.equals(bytes)).toBe(true);
    expect(textual === text).toBe(true);
    expect(await socket.close(1000, 'done')).toMatchObject({ code: 1000, wasClean: true });
  });

  it('measures the round trip', async () => {
    const socket = await connect(url);
    expect(await socket.ping()).toBeGreaterThan(0);
    expect(socket.latencyMs).toBeGreaterThan(0);
    await socket.close();
  });
});

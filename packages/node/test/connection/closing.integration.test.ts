import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { close, text } from '../frames.ts';
import { clientAndPeer, connectionsOverTcp, openHeld, serverAndPeer } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const clean = { wasClean: true, error: undefined };
const closeFrame = (code: number, reason = '') => ({
  opcode: 8,
  payload: Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]),
});

describe('RFC 6455 §7.1.2, the closing handshake', () => {
  it.each(['server', 'client'] as const)('may be started by the %s', async (side) => {
    const pair = await connectionsOverTcp();
    const other = side === 'server' ? pair.client : pair.server;
    const info = await pair[side].close(4_001, 'enough');
    expect(info).toEqual({ code: 4_001, reason: '', ...clean });
    expect(await other.closed).toEqual({ code: 4_001, reason: 'enough', ...clean });
    expect([pair.client.state, pair.server.state]).toEqual(['closed', 'closed']);
  });

  it('may be started by both at once', async () => {
    const { client, server } = await connectionsOverTcp();
    const [atClient, atServer] = await Promise.all([
      client.close(4_001, 'from the client'),
      server.close(4_002, 'from the server'),
    ]);
    expect(atClient).toEqual({ code: 4_002, reason: 'from the server', ...clean });
    expect(atServer).toEqual({ code: 4_001, reason: 'from the client', ...clean });
  });

  it('comes behind everything that was sent', async () => {
    const { client, server } = await connectionsOverTcp({
      server: { limits: { maxBufferedBytes: 2 ** 26 } },
    });
    let bytes = 0;
    client.on('message', (message) => {
      bytes += message.length;
    });
    for (let index = 0; index < 200; index++) server.send('x'.repeat(100_000));
    expect(server.bufferedBytes).toBeGreaterThan(0);
    const { wasClean } = await server.close();
    expect(wasClean).toBe(true);
    expect(bytes).toBe(20_000_000);
  });

  it('cuts off a message from a source that has fallen silent, when its time is up', async () => {
    const { socket, peer } = await serverAndPeer({ closingTimeoutMs: 50 });
    async function* silent() {
      yield 'a';
      await new Promise(() => {});
    }
    const sent = expect(socket.sendStream(silent())).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await peer.receives('01 01 61');
    const closed = socket.close(1001);
    await peer.receives('88 02 03 e9');
    expect(await closed).toMatchObject({ wasClean: false, error: { code: 'WS_CLOSING_TIMEOUT' } });
    await sent;
  });

  it('takes the code of the peer, and 1005 where it has none', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sendsFrame({ opcode: 8 });
    await peer.receives('88 00');
    await peer.receivesEnd();
    peer.end();
    expect(await socket.closed).toEqual({ code: 1005, reason: '', ...clean });
  });

  it('is done once: a second close() waits for the first', async () => {
    const { socket, peer } = await serverAndPeer();
    const closes = [socket.close(4_000), socket.close(4_001, 'unheard')];
    await peer.receives('88 02 0f a0');
    peer.sendsFrame(closeFrame(4_000));
    peer.end();
    const [first, second] = await Promise.all(closes);
    expect(second).toBe(first);
    expect(await socket.close()).toBe(first);
    await peer.receivesEnd();
  });

  it('is a usage error with a code or reason that cannot travel, and then not started', async () => {
    const { socket } = openHeld();
    const code = (code: string) => expect.objectContaining({ code });
    for (const wrong of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN]) {
      expect(() => socket.close(wrong)).toThrow(code('WS_INVALID_CLOSE_CODE'));
    }
    expect(() => socket.close(1000, 'é'.repeat(62))).toThrow(code('WS_CLOSE_REASON_TOO_LONG'));
    expect(socket.state).toBe('open');
  });

  it('ends with await using', async () => {
    const { client, server } = await connectionsOverTcp();
    {
      await using socket = client;
      socket.send('hello');
    }
    expect(client.state).toBe('closed');
    expect(await server.closed).toEqual({ code: 1000, reason: '', ...clean });
  });
});

describe('close() where nobody takes the messages', () => {
  it.each([
    ['held', () => {}],
    ['paused', (socket: { pause(): void }) => socket.pause()],
    ['iterated', (socket: AsyncIterable<unknown>) => void socket[Symbol.asyncIterator]()],
  ])('reads on and discards until the close frame of the peer: %s', async (_, prepare) => {
    const { client, server } = await connectionsOverTcp({
      client: { limits: { maxBufferedBytes: 2 ** 28 } },
    });
    prepare(server);
    for (let index = 0; index < 300; index++) client.send(Buffer.alloc(100_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    // TCP holds the client back.
    expect(client.bufferedBytes).toBeGreaterThan(1_000_000);
    // The client's answer comes behind all that it had framed.
    const info = await server.close(4_001);
    expect(info).toEqual({ code: 4_001, reason: '', ...clean });
    expect(await client.closed).toEqual({ code: 4_001, reason: '', ...clean });
  });

  it('delivers nothing of what waited', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(Buffer.concat([text('a'), text('b')]));
    await turn();
    const closed = socket.close();
    const messages: unknown[] = [];
    const listener = (message: unknown) => messages.push(message);
    socket.on('message', listener);
    peer.sends(Buffer.concat([text('c'), close(1000)]));
    peer.end();
    await closed;
    socket.off('message', listener);
    for await (const message of socket) messages.push(message);
    expect(messages).toEqual([]);
  });
});

describe('A peer that does not close as it should', () => {
  const closingTimeoutMs = 60;

  it('is dropped when it does not answer the close frame in time', async () => {
    const { socket, peer } = await serverAndPeer({ closingTimeoutMs });
    const { code, wasClean, error } = await socket.close();
    expect({ code, wasClean }).toEqual({ code: 1006, wasClean: false });
    expect(error).toMatchObject({ code: 'WS_CLOSING_TIMEOUT' });
    await peer.receives('88 02 03 e8');
    await until(() => peer.ended, 'the end');
  });

  it('is dropped when it does not read, so that no close frame can be written', async () => {
    const { socket, peer } = await serverAndPeer({
      closingTimeoutMs,
      limits: { maxBufferedBytes: 2 ** 30 },
    });
    peer.pause();
    for (let index = 0; index < 300; index++) socket.send('x'.repeat(100_000));
    const drained = socket.drained();
    const { error } = await socket.close();
    expect(error).toMatchObject({ code: 'WS_CLOSING_TIMEOUT' });
    await expect(drained).rejects.toMatchObject({ code: 'WS_CLOSED', cause: error });
    expect(socket.bufferedBytes).toBeLessThan(70_000_000);
  });

  it('is dropped when it answers and does not end TCP', async () => {
    const { socket, peer } = await serverAndPeer({ closingTimeoutMs });
    const closed = socket.close();
    await peer.receives('88 02 03 e8');
    peer.sendsFrame(closeFrame(1000));
    await peer.receivesEnd();
    expect(await closed).toEqual({ code: 1000, reason: '', ...clean });
  });

  it('is dropped when it sends a close frame and does not end TCP', async () => {
    const { socket, peer } = await clientAndPeer({ closingTimeoutMs });
    peer.sendsFrame(closeFrame(1000));
    expect(await socket.closed).toEqual({ code: 1000, reason: '', ...clean });
  });

  it('is not dropped for our own lateness: what came meanwhile is read first', async () => {
    const { socket, peer } = await serverAndPeer({ closingTimeoutMs: 30 });
    const closed = socket.close();
    await peer.receives('88 02 03 e8');
    peer.sendsFrame(closeFrame(4_000));
    peer.end();
    block(150);
    expect(await closed).toEqual({ code: 4_000, reason: '', ...clean });
  });
});

describe('RFC 6455 §7.1.1, a stream that ends without a close frame', () => {
  const lost = { code: 1006, reason: '', wasClean: false };

  it('closes both halves, and says so: a server whose TCP stays half open', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(text('last words'));
    peer.end();
    expect(await once(socket, 'message')).toEqual(['last words']);
    await peer.receivesEnd();
    expect(await socket.closed).toMatchObject({
      ...lost,
      error: { code: 'WS_CLOSED_WITHOUT_HANDSHAKE' },
    });
  });

  it('closes both halves, and says so: a client', async () => {
    const { socket, peer } = await clientAndPeer();
    peer.end();
    await peer.receivesEnd();
    expect(await socket.closed).toMatchObject(lost);
  });

  it('closes although the peer reads nothing of what waits for it', async () => {
    const { socket, peer } = await serverAndPeer({
      closingTimeoutMs: 60,
      limits: { maxBufferedBytes: 2 ** 30 },
    });
    peer.pause();
    for (let index = 0; index < 300; index++) socket.send('x'.repeat(100_000));
    peer.end();
    expect(await socket.closed).toMatchObject(lost);
  });

  it('closes in the middle of a frame, and of the closing handshake', async () => {
    const [first, second] = [await serverAndPeer(), await serverAndPeer()];
    first.peer.sends(text('cut').subarray(0, 7));
    first.peer.end();
    expect(await first.socket.closed).toMatchObject(lost);
    const closed = second.socket.close();
    second.peer.end();
    expect(await closed).toMatchObject(lost);
  });
});

describe('A connection that is reset', () => {
  const reset = { code: 1006, wasClean: false, error: { code: 'ECONNRESET' } };

  it('is an error with a code while it is open, and no crash', async () => {
    const { socket, peer } = await serverAndPeer();
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    const pinged = socket.ping();
    peer.reset();
    const info = await socket.closed;
    expect(info).toMatchObject(reset);
    await turn();
    expect(errors).toEqual([info.error]);
    await expect(pinged).rejects.toMatchObject({ code: 'WS_CLOSED', cause: info.error });
  });

  it('needs no error listener', async () => {
    const { socket, peer } = await clientAndPeer();
    peer.reset();
    expect(await socket.closed).toMatchObject(reset);
  });

  it('is one while we wait for the close frame of the peer', async () => {
    const { socket, peer } = await serverAndPeer();
    const closed = socket.close();
    await peer.receives('88 02 03 e8');
    peer.reset();
    expect(await closed).toMatchObject(reset);
  });

  it('is one while messages wait to be sent', async () => {
    const { socket, peer } = await serverAndPeer({ limits: { maxBufferedBytes: 2 ** 30 } });
    peer.pause();
    for (let index = 0; index < 300; index++) socket.send('x'.repeat(100_000));
    const drained = socket.drained();
    peer.reset();
    expect((await socket.closed).wasClean).toBe(false);
    await expect(drained).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(socket.send('dropped')).toBe(false);
  });

  it('has been closed cleanly if both close frames had come', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sendsFrame(closeFrame(1001, 'away'));
    await peer.receives('88 02 03 e9');
    peer.reset();
    expect(await socket.closed).toEqual({ code: 1001, reason: 'away', ...clean });
  });
});

/** Blocks the event loop. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {}
}

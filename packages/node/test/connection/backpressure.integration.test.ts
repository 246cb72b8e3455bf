import { describe, expect, it } from 'vitest';
import { ping } from '../frames.ts';
import { clientAndPeer, connectionsOverTcp, openOver, serverAndPeer, tcpPair } from '../open.ts';
import { sleep, turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const plenty = { limits: { maxBufferedBytes: 2 ** 28 } };

describe('While the body of a loop runs', () => {
  it('TCP holds the peer back, and we hold no more than one read', async () => {
    const { client, server } = await tcpPair();
    const socket = openOver(server);
    const peer = openOver(client, plenty, { role: 'client' });
    const message = Buffer.alloc(10_000);
    for (let index = 0; index < 4_000; index++) peer.send(message);
    let taken = 0;
    for await (const _ of socket) {
      taken++;
      if (taken === 1) {
        await sleep(200);
        // Two reads of 64 KiB: the one that the message came in, and one that Node had begun.
        expect(server.bytesRead).toBeLessThanOrEqual(4 * 65_536);
        const [read, waiting] = [server.bytesRead, peer.bufferedBytes];
        expect(waiting).toBeGreaterThan(10_000_000);
        peer.send(message);
        await sleep(100);
        expect(server.bytesRead).toBe(read);
        expect(peer.bufferedBytes).toBeGreaterThan(waiting);
      }
      if (taken === 4_001) break;
    }
    await peer.drained();
    expect(peer.bufferedBytes).toBe(0);
  });

  it('the same is true in the direction from a server to a client', async () => {
    const { client, server } = await connectionsOverTcp({ server: plenty });
    const message = 'x'.repeat(10_000);
    for (let index = 0; index < 3_000; index++) server.send(message);
    let taken = 0;
    for await (const received of client) {
      expect(received).toBe(message);
      if (++taken === 1) {
        await sleep(150);
        expect(server.bufferedBytes).toBeGreaterThan(5_000_000);
      }
      if (taken === 3_000) break;
    }
  });
});

describe('pause()', () => {
  it('holds the peer back until resume()', async () => {
    const { socket, peer, transport } = await serverAndPeer();
    let messages = 0;
    socket.on('message', () => messages++);
    socket.pause();
    const frame = Buffer.from(peer.frame({ opcode: 2, payload: new Uint8Array(50_000) }));
    for (let index = 0; index < 500; index++) peer.sends(frame);
    await sleep(150);
    const read = transport.bytesRead;
    expect(messages).toBe(0);
    expect(read).toBeLessThan(300_000);
    await sleep(50);
    expect(transport.bytesRead).toBe(read);
    socket.resume();
    await until(() => messages === 500, 'all messages');
  });
});

describe('A sender that heeds what send returns', () => {
  it('never holds much more than the high-water mark', async () => {
    const { client, server } = await connectionsOverTcp();
    let [received, highest] = [0, 0];
    client.on('message', (message) => {
      received += message.length;
    });
    for (let index = 0; index < 2_000; index++) {
      if (!server.send('x'.repeat(10_000))) await server.drained();
      highest = Math.max(highest, server.bufferedBytes);
    }
    await server.drained();
    await until(() => received === 20_000_000, 'all messages');
    expect(highest).toBeLessThan(65_536 + 10_200);
  });
});

describe('A peer that does not read', () => {
  it('and floods us with pings gets one pong, and our memory does not grow', async () => {
    const { socket, peer } = await clientAndPeer();
    peer.pause();
    // Fills what the kernels take.
    while (socket.send('x'.repeat(60_000))) await turn();
    const waiting = socket.bufferedBytes;
    const pings = Buffer.concat(
      Array.from({ length: 1_000 }, () => peer.frame({ opcode: 9, payload: 'x'.repeat(100) })),
    );
    let heard = 0;
    socket.on('ping', () => heard++);
    for (let index = 0; index < 50; index++) peer.sends(pings);
    await until(() => heard === 50_000, '50,000 pings');
    expect(socket.bufferedBytes).toBeLessThanOrEqual(waiting);
    expect(socket.state).toBe('open');
  });

  it('is closed with 1013 when more waits than the limit, by default', async () => {
    const { socket, peer } = await serverAndPeer({ closingTimeoutMs: 50 });
    peer.pause();
    let sent = 0;
    while (socket.state === 'open') {
      socket.send('x'.repeat(60_000));
      if (++sent % 10 === 0) await turn();
      expect(socket.bufferedBytes).toBeLessThan(2 ** 20 + 60_200);
    }
    expect((await socket.closed).error).toMatchObject({
      code: 'WS_SLOW_CONSUMER',
      closeCode: 1013,
    });
  });

  it('makes pongs wait for nothing but itself', async () => {
    const { socket, peer } = await serverAndPeer(plenty);
    peer.pause();
    while (socket.bufferedBytes < 200_000) socket.send('x'.repeat(60_000));
    peer.sends(ping('are you there'));
    await sleep(30);
    peer.resume();
    for (;;) {
      const { opcode, payload } = await peer.receivesFrame();
      if (opcode === 1) continue;
      expect({ opcode, payload: Buffer.from(payload).toString() }).toEqual({
        opcode: 10,
        payload: 'are you there',
      });
      break;
    }
  });
});

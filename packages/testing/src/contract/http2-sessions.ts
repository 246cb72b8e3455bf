import { expect } from 'vitest';
import { openClientOn } from '../client.ts';
import type { ContractCases } from './contract-case.ts';
import { closeCodeOf, eventually, soon } from './eventually.ts';
import { delay, echo, expectEcho } from './handlers.ts';
import type { ContractHandler } from './harness.ts';

const CHAT = { path: '/chat' };

/** One TCP connection of HTTP/2 carries many streams, and none is in the way of another. */
export const http2Sessions = {
  'carries many WebSockets on one connection': async (start) => {
    const app = await start({ routes: [{ ...CHAT, ws: echo }] });
    const session = await app.session();
    const clients = await Promise.all([1, 2, 3, 4].map(() => openClientOn(session, CHAT)));
    const last = await openClientOn(session, CHAT);
    for (const [index, client] of clients.entries()) client.send(`to ${index}`);
    for (const [index, client] of clients.entries()) {
      expect(await client.next()).toBe(`to ${index}`);
      await client.close();
    }
    await expectEcho(last);
    expect(await app.connections()).toBe(1);
  },

  'carries WebSockets and ordinary requests side by side on one connection': async (start) => {
    const app = await start({ routes: [{ ...CHAT, get: () => 'a page', ws: echo }] });
    const session = await app.session();
    expect(await session.request(CHAT)).toMatchObject({ status: 200, body: 'a page' });
    const client = await openClientOn(session, CHAT);
    const page = session.request(CHAT);
    await expectEcho(client);
    expect(await page).toMatchObject({ status: 200, body: 'a page' });
    expect((await session.request({ path: '/nowhere' })).status).toBe(404);
    await expectEcho(client);
    expect(await app.connections()).toBe(1);
  },

  'leaves a connection and its other sockets alone when it refuses a handshake': async (start) => {
    const refuse = { status: 401, headers: {}, body: 'no' };
    const before = () => Promise.resolve({ refuse });
    const app = await start({
      routes: [
        { ...CHAT, ws: echo },
        { path: '/closed', before, ws: echo },
      ],
    });
    const session = await app.session();
    const client = await openClientOn(session, CHAT);
    for (const [status, description] of [
      [401, { path: '/closed' }],
      [404, { path: '/nowhere' }],
      [400, { ...CHAT, headers: { 'sec-websocket-version': '7' } }],
    ] as const) {
      const response = await session.handshake(description).receivesResponse();
      expect(response.status).toBe(status);
      await delay(30);
      await expectEcho(client);
    }
    const another = await openClientOn(session, CHAT);
    await expectEcho(another);
    await client.close();
    await another.close();
    // What was refused holds nothing, though its client has not ended its half.
    await app.holdsNoConnection();
  },

  'does not let a socket that its client does not read hold up the others': async (start) => {
    const flood: ContractHandler = (socket) => {
      for (let sent = 0; sent < 3; sent++) socket.send(new Uint8Array(2 ** 18));
    };
    const app = await start({
      routes: [
        { path: '/flood', ws: flood },
        { ...CHAT, ws: echo },
      ],
    });
    const session = await app.session();
    const deaf = session.handshake({ path: '/flood' });
    await deaf.receivesResponse();
    deaf.pause();
    const client = await openClientOn(session, CHAT);
    // More than the connection's window (RFC 9113 §6.9.2) lets through while nobody reads the flood.
    const large = 'x'.repeat(2 ** 17);
    client.send(large);
    expect((await client.next()) === large).toBe(true);
    deaf.resume();
    for (let received = 0; received < 3; received++) {
      expect((await deaf.receivesFrame()).payload.byteLength).toBe(2 ** 18);
    }
  },

  'closes every socket of a connection with 1001 on shut-down, and then the connection': async (
    start,
  ) => {
    const app = await start({ routes: [{ ...CHAT, ws: echo }], closeTimeoutMs: 60_000 });
    const session = await app.session();
    const clients = await Promise.all([1, 2, 3].map(() => openClientOn(session, CHAT)));
    await soon(app.close(), 'The end of close()');
    for (const client of clients) expect(await closeCodeOf(client)).toBe(1001);
    await eventually(() => session.closed, true);
  },
} satisfies ContractCases;

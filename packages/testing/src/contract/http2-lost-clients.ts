import { constants } from 'node:http2';
import { expect } from 'vitest';
import { openClientOn } from '../client.ts';
import type { Http2Peer } from '../http2-peer.ts';
import type { ScriptedSession } from '../scripted-session.ts';
import type { ContractCases, StartApp } from './contract-case.ts';
import { eventually } from './eventually.ts';
import { delay, echo, expectEcho, noticed, untouched } from './handlers.ts';
import type { ContractHandler } from './harness.ts';
import { hesitating } from './hesitating.ts';

/** Streams that go away while their connection stays, and connections that go away with their streams. */
export const http2LostClients = {
  'opens nothing for a stream that was reset while a hook was deciding, and serves the others':
    async (start) => {
      const { app, neighbour, handler } = await loseWhileDeciding(start, (peer) => peer.reset());
      await expectEcho(neighbour);
      await neighbour.close();
      await app.holdsNoConnection();
      expect(handler.calls).toBe(0);
    },

  'opens nothing on a TCP connection that broke while a hook was deciding': async (start) => {
    const { app, handler } = await loseWhileDeciding(start, (peer) => peer.session.reset());
    await app.holdsNoConnection();
    expect(handler.calls).toBe(0);
  },

  'ends every socket of a TCP connection that breaks with 1006': async (start) => {
    await endsAll(start, (session) => session.reset());
  },

  'ends every socket of a client that says GOAWAY with an error with 1006': async (start) => {
    await endsAll(start, (session) => session.goAway(constants.NGHTTP2_INTERNAL_ERROR));
  },

  'serves the sockets of a client that says GOAWAY until they close': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const session = await app.session();
    const client = await openClientOn(session, { path: '/chat' });
    session.goAway();
    await delay(30);
    await expectEcho(client);
    expect(await client.close()).toMatchObject({ code: 1000 });
    await app.holdsNoConnection();
  },
} satisfies ContractCases;

/** Loses a handshake, on a connection that has a socket already, while a hook waits; then has that agree. */
async function loseWhileDeciding(start: StartApp, lose: (peer: Http2Peer) => void) {
  const handler = untouched();
  const { before, asked, decide } = hesitating();
  const app = await start({
    routes: [
      { path: '/slow', before, ws: handler.ws },
      { path: '/chat', ws: echo },
    ],
  });
  const session = await app.session();
  const neighbour = await openClientOn(session, { path: '/chat' });
  const peer = session.handshake({ path: '/slow' });
  const request = await asked();
  lose(peer);
  await noticed(request);
  decide();
  await delay(50);
  return { app, neighbour, handler };
}

/** Opens three sockets on one connection, loses that, and expects all of them to hear of it. */
async function endsAll(start: StartApp, lose: (session: ScriptedSession) => void): Promise<void> {
  const ends: unknown[] = [];
  const ws: ContractHandler = (socket) => {
    void socket.closed.then(({ code, wasClean }) => ends.push({ code, wasClean }));
  };
  const app = await start({
    routes: [
      { path: '/chat', ws },
      { path: '/echo', ws: echo },
    ],
  });
  const session = await app.session();
  await Promise.all([1, 2, 3].map(() => openClientOn(session, { path: '/chat' })));
  lose(session);
  await eventually(() => ends, Array(3).fill({ code: 1006, wasClean: false }));
  await app.holdsNoConnection();
  await expectEcho(await app.client('/echo'));
}

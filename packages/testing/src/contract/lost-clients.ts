import { expect } from 'vitest';
import { deferred } from '../deferred.ts';
import type { ScriptedStream } from '../scripted-stream.ts';
import type { ContractCases, StartApp } from './contract-case.ts';
import { soon } from './eventually.ts';
import { delay, echo, expectEcho, noticed, untouched } from './handlers.ts';
import type { ContractRequest } from './harness.ts';
import { hesitating } from './hesitating.ts';

/** Clients that go away, before the answer to their handshake and after it. */
export const lostClients = {
  'opens nothing for a client that ended its half (FIN) while a hook was deciding': async (
    start,
  ) => {
    await loseWhileDeciding(start, (peer) => peer.end());
  },

  'opens nothing for a client that reset (RST) while a hook was deciding': async (start) => {
    await loseWhileDeciding(start, (peer) => peer.reset());
  },

  'opens nothing on a connection that broke while a hook was deciding': async (start) => {
    await loseWhileDeciding(start, (_peer, request) => {
      request.socket.destroy(new Error('read EIO'));
    });
  },

  'still refuses a client that ended its half, if it can': async (start) => {
    const refuse = { status: 401, headers: {}, body: 'no' };
    const before = () => delay(50).then(() => ({ refuse }));
    const app = await start({ routes: [{ path: '/chat', before, ws: echo }] });
    const { peer, response } = await app.attempt({ path: '/chat' });
    peer.end();
    // It may have been dropped at once; what it may not be is kept.
    const answer = await response.catch(() => undefined);
    expect([401, undefined]).toContain(answer?.status);
    await app.holdsNoConnection();
  },

  'ends a connection whose client resets it': async (start) => {
    const closed = deferred<{ readonly code: number; readonly wasClean: boolean }>();
    const app = await start({
      routes: [{ path: '/chat', ws: (socket) => void socket.closed.then(closed.resolve) }],
    });
    const peer = await app.opened('/chat');
    peer.reset();
    expect(await soon(closed.promise, 'The end of the connection')).toMatchObject({
      code: 1006,
      wasClean: false,
    });
    await app.holdsNoConnection();
  },

  'ends a connection whose client ends its half without a close frame': async (start) => {
    const closed = deferred<{ readonly code: number; readonly wasClean: boolean }>();
    const app = await start({
      routes: [{ path: '/chat', ws: (socket) => void socket.closed.then(closed.resolve) }],
    });
    const peer = await app.opened('/chat');
    peer.end();
    expect(await soon(closed.promise, 'The end of the connection')).toMatchObject({
      code: 1006,
      wasClean: false,
    });
    await peer.receivesEnd();
    await app.holdsNoConnection();
  },
} satisfies ContractCases;

type Loss = (peer: ScriptedStream, request: ContractRequest) => void;

/** Loses a client while a hook waits, then lets the hook agree to the upgrade. */
async function loseWhileDeciding(start: StartApp, lose: Loss): Promise<void> {
  const handler = untouched();
  const { before, asked, decide } = hesitating();
  const app = await start({
    routes: [
      { path: '/slow', before, ws: handler.ws },
      { path: '/chat', ws: echo },
    ],
  });
  const { peer, response } = await app.attempt({ path: '/slow' });
  const request = await asked();
  lose(peer, request);
  await noticed(request);
  decide();
  await app.holdsNoConnection();
  expect(app.accepts(await response.catch(() => undefined))).toBe(false);
  expect(handler.calls).toBe(0);
  // And everybody else is served.
  const client = await app.client('/chat');
  await expectEcho(client);
}

import { expect } from 'vitest';
import { deferred } from '../deferred.ts';
import type { ContractCases } from './contract-case.ts';
import { soon } from './eventually.ts';
import { echo } from './handlers.ts';

/** Clients that say nothing. */
export const liveness = {
  'pings a client that is silent, and drops it when it does not answer': async (start) => {
    const closed = deferred<{ readonly code: number; readonly wasClean: boolean }>();
    const app = await start({
      options: { heartbeat: { intervalMs: 100, timeoutMs: 100 } },
      routes: [{ path: '/chat', ws: (socket) => void socket.closed.then(closed.resolve) }],
    });
    const peer = await app.opened('/chat');
    expect(await peer.receivesFrame()).toMatchObject({ opcode: 9 });
    expect(await soon(closed.promise, 'The end of the connection')).toMatchObject({
      code: 1006,
      wasClean: false,
    });
    await app.holdsNoConnection();
  },

  'keeps a client that only answers pings': async (start) => {
    const app = await start({
      options: { heartbeat: { intervalMs: 50, timeoutMs: 2_000 } },
      routes: [{ path: '/chat', ws: echo }],
    });
    const peer = await app.opened('/chat');
    for (let count = 0; count < 3; count++) {
      const { opcode, payload } = await peer.receivesFrame();
      expect(opcode).toBe(9);
      peer.sendsFrame({ opcode: 10, payload });
    }
    peer.sendsFrame({ opcode: 1, payload: 'hello' });
    await peer.receivesText('hello');
  },
} satisfies ContractCases;

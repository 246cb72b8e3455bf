import { expect } from 'vitest';
import type { ContractCases } from './contract-case.ts';
import { closeCodeOf, eventually, soon } from './eventually.ts';
import { echo, untouched } from './handlers.ts';
import { hesitating } from './hesitating.ts';

/** How much longer than its deadline a shut-down may take on a busy machine. */
const SLACK_MS = 1_500;

/** Ending the application while there are connections. */
export const shutdown = {
  'closes with 1001, and does not wait beyond its deadline for a deaf client': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }], closeTimeoutMs: 300 });
    const client = await app.client('/chat');
    const deaf = await app.opened('/chat');
    const startedAt = performance.now();
    const closed = app.close();
    expect(await closeCodeOf(client)).toBe(1001);
    expect(await deaf.receivesFrame()).toMatchObject({ opcode: 8 });
    await soon(closed, 'The end of close()');
    expect(performance.now() - startedAt).toBeLessThan(300 + SLACK_MS);
    await eventually(() => deaf.ended, true);
  },

  'does not wait at all when every client answers': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }], closeTimeoutMs: 60_000 });
    const clients = await Promise.all([1, 2, 3].map(() => app.client('/chat')));
    const startedAt = performance.now();
    await soon(app.close(), 'The end of close()');
    expect(performance.now() - startedAt).toBeLessThan(SLACK_MS);
    for (const client of clients) expect(await closeCodeOf(client)).toBe(1001);
  },

  'closes a connection whose handler never listened': async (start) => {
    const ws = () => new Promise<void>(() => {});
    const app = await start({ routes: [{ path: '/chat', ws }], closeTimeoutMs: 300 });
    const client = await app.client('/chat');
    client.send('does anybody read this?');
    await soon(app.close(), 'The end of close()');
    expect(await closeCodeOf(client)).toBe(1001);
  },

  'answers 503 with Retry-After to a handshake that is being decided': async (start) => {
    const handler = untouched();
    const { before, asked, decide } = hesitating();
    const app = await start({
      routes: [{ path: '/slow', before, ws: handler.ws }],
      closeTimeoutMs: 300,
    });
    const answer = app.refusal({ path: '/slow' });
    await asked();
    const closed = app.close();
    const response = await answer;
    expect(response.status).toBe(503);
    expect(response.header('Retry-After')).toBeDefined();
    decide();
    await soon(closed, 'The end of close()');
    expect(handler.calls).toBe(0);
  },
} satisfies ContractCases;

import { expect } from 'vitest';
import type { ScriptedStream } from '../scripted-stream.ts';
import type { AppUnderTest } from './app-under-test.ts';
import type { ContractCases, StartApp } from './contract-case.ts';
import { eventually } from './eventually.ts';
import { delay, echo } from './handlers.ts';

/** What connections leave behind: nothing. */
export const leaks = {
  'leaves no connection behind, however clients leave': async (start) => {
    const app = await startVisited(start);
    for (let round = 0; round < 3; round++) await visit(app);
    // A client that is refused and does not end its half is not waited for.
    await (await app.attempt({ path: '/closed' })).response;
    await app.holdsNoConnection();
  },

  'leaves no listener behind on its servers': async (start) => {
    const app = await startVisited(start);
    await visit(app);
    await app.holdsNoConnection();
    const before = listenersOf(app);
    for (let round = 0; round < 3; round++) await visit(app);
    await app.holdsNoConnection();
    expect(listenersOf(app)).toEqual(before);
  },

  'leaves no handle and no timer behind when it has closed': async (start) => {
    const before = activeResources();
    const app = await startVisited(start);
    for (let round = 0; round < 3; round++) await visit(app);
    await app.client('/chat');
    await app.stop();
    await eventually(() => excess(activeResources(), before), {});
  },
} satisfies ContractCases;

function startVisited(start: StartApp): Promise<AppUnderTest> {
  return start({
    routes: [
      { path: '/chat', ws: echo },
      { path: '/slow', before: () => delay(30).then(() => ({})), ws: echo },
      {
        path: '/closed',
        before: async () => ({ refuse: { status: 401, headers: {}, body: 'no' } }),
        ws: echo,
      },
    ],
    options: { handshakeTimeoutMs: 60_000 },
  });
}

/** Every way to come and to leave. */
async function visit(app: AppUnderTest): Promise<void> {
  const polite = await app.client('/chat');
  polite.send('hello');
  await polite.next();
  await polite.close();
  (await app.opened('/chat')).reset();
  (await app.opened('/chat')).end();
  await breakRule(await app.opened('/chat'));
  await app.refusal({ path: '/closed' });
  await app.refusal({ path: '/nowhere' });
  await app.refusal({ path: '/chat', headers: { 'Sec-WebSocket-Version': '8' } });
  const impatient = await app.attempt({ path: '/slow' });
  impatient.peer.end();
  await impatient.response.catch(() => undefined);
  const rude = await app.peer();
  rude.sends('00');
  rude.reset();
}

/** §7.1.7: the server says why, and ends its half; the client then ends the other. */
async function breakRule(peer: ScriptedStream): Promise<void> {
  peer.sends('ff ff');
  expect(await peer.receivesFrame()).toMatchObject({ opcode: 8 });
  await peer.receivesEnd();
  peer.end();
}

/** How many listeners the server has, by event. */
function listenersOf(app: AppUnderTest): Record<string, number> {
  const server = app.server();
  const names = server.eventNames().map(String).sort();
  return Object.fromEntries(names.map((name) => [name, server.listenerCount(name)]));
}

/** What keeps this process alive, by kind: sockets, servers and timers. */
function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(TCP|TLS|HTTP2|Timeout)/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What there is now and was not before. */
function excess(now: Record<string, number>, before: Record<string, number>) {
  const more = Object.entries(now).map(
    ([kind, count]) => [kind, count - (before[kind] ?? 0)] as const,
  );
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}

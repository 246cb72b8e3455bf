import type { Server } from 'node:net';
import { expect } from 'vitest';
import { textBytes } from '../bytes.ts';
import type { AppUnderTest } from './app-under-test.ts';
import type { CaseApp, ContractCases, StartApp } from './contract-case.ts';
import { delay, echo, expectEcho } from './handlers.ts';

/** The listener of a bundler's hot reload, engine.io or a proxy, on the same server. */
export interface OtherListener {
  /** What it listens to. Node gives every listener every one of them. */
  readonly event: 'upgrade' | 'connect';
  /**
   * Has it accept `/hot`, later than a refusal would go out, with `X-Served-By: hot reload`; it then
   * says `hot`, and from then on sends back whatever bytes come.
   */
  listen(server: Server): void;
}

/** Each must leave alone what is not its own. `%` is what the other listens to; `start` adds it. */
const cases = {
  'leaves the paths of another % listener to it': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const { peer, response } = await app.attempt({ path: '/hot' });
    expect((await response).header('X-Served-By')).toBe('hot reload');
    await peer.receives(textBytes('hot'));
    peer.sends(textBytes('reload'));
    await peer.receives(textBytes('reload'));
    peer.end();
    await app.holdsNoConnection();
  },

  'keeps its deadlines away from what another % listener has': async (start) => {
    const options = { handshakeTimeoutMs: 150 };
    const routes = [{ path: '/chat', ws: echo }];
    const app = await start({ routes, options });
    const peer = await app.opened('/hot');
    await peer.receives(textBytes('hot'));
    await delay(400);
    peer.sends(textBytes('still there'));
    await peer.receives(textBytes('still there'));
  },

  'serves its own paths beside another % listener': async (start) => {
    const refuse = { status: 401, headers: {}, body: 'no' };
    const app = await start({
      routes: [
        { path: '/chat', get: () => 'a page', ws: echo },
        { path: '/closed', before: () => Promise.resolve({ refuse }), ws: echo },
      ],
    });
    const client = await app.client('/chat');
    await expectEcho(client);
    expect(await app.refusal({ path: '/closed' })).toMatchObject({ status: 401, body: 'no' });
    expect((await app.get('/chat')).body).toBe('a page');
  },

  'lets go of what no % listener takes once its client ends': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const { peer, response } = await app.attempt({ path: '/nobody' });
    const answer = response.catch(() => undefined);
    await delay(100);
    peer.end();
    await app.holdsNoConnection();
    const came = await answer;
    expect(came !== undefined && app.accepts(came)).toBe(false);
  },
} satisfies ContractCases;

/** The cases of an application that has the other listener beside it. */
export function coexistenceWith(other: OtherListener): ContractCases {
  const named = Object.entries<ContractCases[string]>(cases).map(
    ([title, run]): [string, ContractCases[string]] => [
      title.replace('%', other.event),
      (start) => run((app) => startBeside(other, start, app)),
    ],
  );
  return Object.fromEntries(named);
}

/** The application, and the other listener. */
export async function startBeside(
  other: OtherListener,
  start: StartApp,
  app: CaseApp,
): Promise<AppUnderTest> {
  const running = await start(app);
  other.listen(running.server());
  return running;
}

import { join } from 'node:path';
import { layCable } from '@heddle/app-kit/testing/cable';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ChatSession } from '../src/page/chat-session.ts';
import { Outbox } from '../src/page/outbox.ts';
import type { ConnectionState, Patience } from '../src/page/room-connection.ts';
import { buildApp } from '../src/server/app.ts';
import { MessageStore } from '../src/server/store.ts';
import type { Clock } from '../src/server/visit.ts';
import { HISTORY_PAGE, MAX_CATCH_UP } from '../src/shared/limits.ts';

describe('a session', () => {
  it('sends what is said, in order, and what was said before it was connected first', async () => {
    const { port } = await startServer();
    const ada = visit(port, 'Ada');
    for (let n = 1; n <= 8; n++) ada.session.say(`${n}`);
    expect(ada.session.outbox.items).toHaveLength(8);
    ada.session.connection.connect();
    await until(() => ada.session.outbox.items.length === 0);
    expect(ada.texts()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(ada.states.map(({ status }) => status)).toEqual(['connecting', 'online']);
  });

  it('tells of what others say once it is there, and not of the history', async () => {
    const { port } = await startServer();
    const ada = await arrive(port, 'Ada');
    ada.session.say('history');
    await until(() => ada.texts().length === 1);
    const mira = await arrive(port, 'Mira');
    ada.session.say('news');
    await until(() => mira.texts().length === 2);
    expect(mira.arrived).toEqual(['news']);
    expect(ada.arrived).toEqual([]);
  });

  it('comes back after the server was restarted, and catches up on what it missed', async () => {
    const server = await startServer();
    const [ada, mira] = [await arrive(server.port, 'Ada'), await arrive(server.port, 'Mira')];
    ada.session.say('before');
    await until(() => mira.texts().length === 1);
    await server.restart();
    ada.session.say('after');
    await until(() => mira.texts().length === 2);
    await until(() => ada.session.outbox.items.length === 0);
    expect(mira.texts()).toEqual(['before', 'after']);
    expect(mira.arrived).toEqual(['before', 'after']);
    expect(mira.states.some(({ status }) => status === 'offline')).toBe(true);
  });

  it('says a message again whose acknowledgement was lost, and it is there once', async () => {
    const server = await startServer();
    const cable = await layCable(server.port);
    const ada = await arrive(cable.port, 'Ada');
    const mira = await arrive(server.port, 'Mira');
    cable.loseAnswers();
    ada.session.say('Did you get this?');
    await until(() => mira.texts().length === 1);
    expect(ada.session.outbox.items).toHaveLength(1);
    cable.cut();
    await until(() => ada.session.outbox.items.length === 0);
    expect(ada.texts()).toEqual(['Did you get this?']);
    expect(mira.texts()).toEqual(['Did you get this?']);
    expect(server.stored()).toEqual(['Did you get this?']);
  });

  it('gives up on a connection that does not answer what it says', async () => {
    const server = await startServer();
    const cable = await layCable(server.port);
    const ada = await arrive(cable.port, 'Ada', { answerMs: 300 });
    cable.loseAnswers();
    ada.session.say('Hello?');
    await until(() => ada.session.connection.state.status !== 'online');
    cable.cut();
    await until(() => ada.session.outbox.items.length === 0);
    expect(server.stored()).toEqual(['Hello?']);
  });

  it('tests a connection that has been quiet, and keeps one that answers', async () => {
    const server = await startServer();
    const cable = await layCable(server.port);
    const ada = await arrive(cable.port, 'Ada', { quietMs: 50, answerMs: 200 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ada.states.map(({ status }) => status)).toEqual(['connecting', 'online']);
    cable.loseAnswers();
    await until(() => ada.session.connection.state.status !== 'online');
  });

  it('says when it will try again, waits longer each time, and tries at once if it is told to', async () => {
    const server = await startServer();
    const ada = await arrive(server.port, 'Ada');
    await server.stop();
    await until(() => offline(ada.states).length === 3);
    for (const [index, { retryAt, since }] of offline(ada.states).entries()) {
      const longest = 500 * 2 ** index;
      expect(retryAt - since).toBeGreaterThanOrEqual(longest / 2 - 1);
      expect(retryAt - since).toBeLessThanOrEqual(longest + 1);
    }
    await server.start();
    ada.session.connection.connect();
    expect(ada.session.connection.state.status).toBe('connecting');
    await until(() => ada.session.connection.state.status === 'online');
  });

  it('starts over with the latest page if it has missed too much', async () => {
    const server = await startServer();
    const ada = await arrive(server.port, 'Ada');
    ada.session.say('long ago');
    await until(() => ada.texts().length === 1);
    await server.stop();
    server.fill(1, MAX_CATCH_UP);
    await server.start();
    ada.session.connection.connect();
    await until(() => ada.texts().length === 1 + MAX_CATCH_UP);
    expect(ada.texts()[0]).toBe('long ago');

    await server.stop();
    server.fill(MAX_CATCH_UP + 1, 2 * MAX_CATCH_UP + 1);
    await server.start();
    ada.session.connection.connect();
    await until(() => ada.texts().length === HISTORY_PAGE);
    expect(ada.session.timeline.hasEarlier).toBe(true);
    ada.session.askForEarlier();
    ada.session.askForEarlier();
    await until(() => ada.texts().length === 2 * HISTORY_PAGE);
    expect(ada.texts().at(-1)).toBe(`filler ${2 * MAX_CATCH_UP + 1}`);
  });

  it('waits and goes on when the room says that it is too fast', async () => {
    // The room's clock stands still until it has refused: how fast this machine is does not matter.
    let now = 0;
    const { port } = await startServer({ date: () => Date.now(), elapsed: () => now });
    const ada = await arrive(port, 'Ada');
    for (let n = 1; n <= 12; n++) ada.session.say(`${n}`);
    await until(() => ada.refusals.length > 0);
    expect(ada.refusals).toEqual(['too_fast']);
    expect(ada.texts()).toHaveLength(10);
    now = 1_000;
    await until(() => ada.session.outbox.items.length === 0);
    expect(ada.texts()).toEqual(Array.from({ length: 12 }, (_, index) => `${index + 1}`));
  });

  it('puts aside what the room will not take, and goes on with the next', async () => {
    const { port } = await startServer();
    const ada = await arrive(port, 'Ada');
    ada.session.say('x'.repeat(2_001));
    ada.session.say('y'.repeat(9_000));
    ada.session.say('short');
    await until(() => ada.texts().length === 1);
    expect(ada.refusals).toEqual(['too_long', 'bad_message']);
    const refused = ada.session.outbox.items;
    expect(refused.every((item) => item.refused !== undefined)).toBe(true);
    for (const { clientId } of refused) ada.session.discard(clientId);
    expect(ada.session.outbox.items).toEqual([]);
  });

  it('takes its new name along to the next connection', async () => {
    const server = await startServer();
    const [ada, mira] = [await arrive(server.port, 'Ada'), await arrive(server.port, 'Mira')];
    ada.session.rename('Countess');
    await until(() => mira.session.people.some(({ name }) => name === 'Countess'));
    await server.restart();
    await until(() => mira.session.people.length === 2);
    expect(mira.session.people.map(({ name }) => name).sort()).toEqual(['Countess', 'Mira']);
  });

  it('can be ended', async () => {
    const { port } = await startServer();
    const [ada, mira] = [await arrive(port, 'Ada'), await arrive(port, 'Mira')];
    ada.session.connection.stop();
    await until(() => mira.session.people.length === 1);
    expect(ada.states.map(({ status }) => status)).toEqual(['connecting', 'online']);
  });
});

const systemClock: Clock = { date: () => Date.now(), elapsed: () => performance.now() };

async function startServer(clock: Clock = systemClock) {
  const databasePath = join(tempFolder(), 'chat.sqlite');
  const pageRoot = tempFolder();
  let app = await buildApp({ databasePath, pageRoot, clock });
  onTestFinished(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const stop = () => app.close();
  const start = async () => {
    app = await buildApp({ databasePath, pageRoot, clock });
    await app.listen({ port, host: '127.0.0.1' });
  };
  const restart = async () => {
    await stop();
    await start();
  };
  const stored = () => withStore((store) => store.after('lobby', 0, 100).map(({ text }) => text));
  const fill = (from: number, to: number) =>
    withStore((store) => {
      for (let n = from; n <= to; n++) {
        const draft = { author: 'x', name: 'X', clientId: `filler-${n}`, text: `filler ${n}` };
        store.add({ room: 'lobby', at: n, ...draft });
      }
    });
  const withStore = <T>(use: (store: MessageStore) => T): T => {
    const store = new MessageStore(databasePath);
    const result = use(store);
    store.close();
    return result;
  };
  return { port, stop, start, restart, stored, fill };
}

function visit(port: number, name: string, patience: Patience = {}) {
  const states: (ConnectionState & { since: number })[] = [];
  const arrived: string[] = [];
  const refusals: string[] = [];
  const session = new ChatSession({
    ...patience,
    url: `ws://127.0.0.1:${port}/r/lobby/socket`,
    key: name.padEnd(22, '-'),
    name,
    outbox: new Outbox({ read: () => undefined, write: () => undefined }),
    listener: {
      onConnection: (state) => states.push({ ...state, since: Date.now() }),
      onTimeline: () => undefined,
      onPeople: () => undefined,
      onArrival: (messages) => arrived.push(...messages.map(({ text }) => text)),
      onRefusal: ({ code }) => refusals.push(code),
    },
  });
  onTestFinished(() => session.connection.stop());
  const texts = () => session.timeline.messages.map(({ text }) => text);
  return { session, states, arrived, refusals, texts };
}

async function arrive(port: number, name: string, patience?: Patience) {
  const visitor = visit(port, name, patience);
  visitor.session.connection.connect();
  await until(() => visitor.session.connection.state.status === 'online');
  return visitor;
}

function offline(states: readonly (ConnectionState & { since: number })[]) {
  return states.flatMap((state) =>
    state.status === 'offline' ? [{ retryAt: state.retryAt, since: state.since }] : [],
  );
}

async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000, interval: 10 });
}

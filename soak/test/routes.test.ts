import { connect } from '@heddle/node';
import { ScriptedPeer } from '@heddle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gates, routes } from '../src/routes.ts';
import { ServerProcess } from '../src/server-process.ts';

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
});

afterAll(() => server.stop());

function open(path: string) {
  return connect(`ws://127.0.0.1:${server.port}${path}`);
}

async function answerTo(path: string): Promise<number> {
  const peer = await ScriptedPeer.connect({ port: server.port });
  const { status } = await peer.handshake({ path });
  peer.destroy();
  return status;
}

describe('The server under attack', () => {
  it.each(['/echo', ...routes.keys()])('accepts at %s', async (path) => {
    expect(await answerTo(path)).toBe(101);
  });

  it.each([...gates.keys()])('accepts nobody at %s', async (path) => {
    expect([500, 503]).toContain(await answerTo(path));
  });

  it('has nothing else', async () => {
    expect(await answerTo('/elsewhere')).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/echo`)).status).toBe(404);
  });

  it.each(['/echo', '/routed-echo'])('sends back at %s what comes', async (path) => {
    const socket = await open(path);
    const messages = socket[Symbol.asyncIterator]();
    socket.send('Hello');
    expect((await messages.next()).value).toBe('Hello');
    await socket.close();
  });

  it('blocks for as long as it is told', async () => {
    const socket = await open('/blocks');
    const messages = socket[Symbol.asyncIterator]();
    const start = performance.now();
    socket.send('300');
    await messages.next();
    expect(performance.now() - start).toBeGreaterThanOrEqual(299);
    await socket.close();
  });
});

describe('What the server says of itself', () => {
  it('counts its connections, WebSockets and others', async () => {
    const socket = await open('/routed-echo');
    const stats = await server.stats();
    expect(stats).toMatchObject({ connections: 1, routed: { connections: 1 } });
    expect(stats.tcpConnections).toBe(2);
    await socket.close();
    await expect.poll(async () => (await server.stats()).connections).toBe(0);
  });

  it('has less memory in use once garbage is collected', async () => {
    const before = await server.stats();
    const after = await server.stats({ collect: true });
    expect(after.memory.heapUsed).toBeLessThan(before.memory.heapUsed);
  });

  it('counts what is thrown on purpose, and that is no trouble', async () => {
    const before = await server.stats();
    const socket = await open('/throws-at-once');
    expect((await socket.closed).code).toBe(1011);
    const { faults, troubles } = await server.stats();
    expect(faults).toBeGreaterThan(before.faults);
    expect(troubles).toEqual(before.troubles);
  });

  it.each([
    ['/uncaught', 'uncaughtExceptions', /^uncaughtException: Fault/],
    ['/unhandled', 'unhandledRejections', /^unhandledRejection: Fault/],
    ['/warns', 'warnings', /^warning: Error: about something/],
  ] as const)('counts what happens at %s, and goes on', async (path, count, trouble) => {
    const before = await server.stats();
    const socket = await open(path);
    await socket.ping();
    const after = await server.stats();
    expect(after[count]).toBeGreaterThan(before[count]);
    expect(after.troubles).toContainEqual(expect.stringMatching(trouble));
    await socket.close();
  });
});

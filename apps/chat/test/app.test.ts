import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AppOptions, buildApp } from '../src/server/app.ts';
import { SUBPROTOCOL } from '../src/shared/subprotocol.ts';
import type { ClientMessage, ServerMessage } from '../src/shared/wire.ts';

const key = 'k'.repeat(22);

describe('the pages', () => {
  it('let nothing run but what this server serves', async () => {
    const app = await start();
    for (const url of ['/', '/r/lobby']) {
      const { statusCode, headers } = await app.inject(url);
      expect(statusCode).toBe(200);
      const policy = String(headers['content-security-policy']).split(';');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy.join()).not.toMatch(/unsafe|data:|\*/u);
    }
  });

  it('are asked for anew each time, and what they load is kept', async () => {
    const app = await start();
    const page = await app.inject('/r/lobby');
    expect(page.headers['cache-control']).toBe('public, max-age=0');
    const asset = await app.inject('/assets/room-1234.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('of a room has one address', async () => {
    const app = await start();
    const other = await app.inject('/r/Weekend%20Plans');
    expect([other.statusCode, other.headers.location]).toEqual([302, '/r/weekend-plans']);
    const none = await app.inject('/r/---');
    expect([none.statusCode, none.headers.location]).toEqual([302, '/']);
    const longest = await app.inject(`/r/${encodeURIComponent('語'.repeat(48))}`);
    expect(longest.statusCode).toBe(200);
    expect((await app.inject('/nowhere')).statusCode).toBe(404);
  });
});

describe('the socket of a room', () => {
  it('carries a conversation', async () => {
    const app = await start();
    const ada = await join_(app, 'Ada');
    const mira = await join_(app, 'Mira');
    expect(await ada.next()).toMatchObject({ type: 'welcome' });
    expect(await ada.next()).toMatchObject({ type: 'people', people: [{ name: 'Ada' }, {}] });
    mira.say({ type: 'say', clientId: 'client-1', text: 'Hello' });
    expect(await ada.next()).toMatchObject({ type: 'message', message: { text: 'Hello' } });
    await mira.socket.close();
    expect(await ada.next()).toMatchObject({ type: 'people', people: [{ name: 'Ada' }] });
  });

  it('remembers it when the server is started again', async () => {
    const databasePath = join(tempFolder(), 'chat.sqlite');
    const first = await start({ databasePath });
    const ada = await join_(first, 'Ada');
    ada.say({ type: 'say', clientId: 'client-1', text: 'Remember me' });
    await ada.next();
    expect(await ada.next()).toMatchObject({ type: 'ack' });
    await first.close();
    expect(await ada.socket.closed).toMatchObject({ code: 1001, wasClean: true });

    const again = await join_(await start({ databasePath }), 'Mira');
    expect(await again.next()).toMatchObject({ messages: [{ text: 'Remember me', name: 'Ada' }] });
  });

  it('answers what it does not understand with an error, and stays open', async () => {
    const ada = await join_(await start(), 'Ada');
    await ada.next();
    for (const nonsense of ['{', 'null', '{"type":"shout"}', '{"type":"say","text":1}']) {
      ada.raw(nonsense);
      expect(await ada.next()).toMatchObject({ type: 'error', code: 'bad_message' });
    }
    ada.say({ type: 'ping' });
    expect(await ada.next()).toEqual({ type: 'pong' });
  });

  it('checks that a message is what it says it is, without changing it', async () => {
    const ada = await join_(await start(), 'Ada');
    await ada.next();
    ada.raw('{"type":"typing","typing":"true"}');
    expect(await ada.next()).toMatchObject({ code: 'bad_message' });
    ada.raw('{"type":"say","clientId":"client-1","text":"kept","of":"the future"}');
    expect(await ada.next()).toMatchObject({ type: 'ack', message: { text: 'kept' } });
  });

  it('ends with 1009 when a message is larger than any page would send', async () => {
    const ada = await join_(await start(), 'Ada');
    ada.raw(`"${'x'.repeat(64 * 1024)}"`);
    expect(await ada.socket.closed).toMatchObject({ code: 1009 });
  });

  it.each([
    ['a room that cannot be', '/r/---/socket', {}, 404],
    ['a room by another name than its own', '/r/Lobby/socket', {}, 404],
    ['a page of another site', '/r/lobby/socket', { origin: 'https://evil.example' }, 403],
  ])('is refused to %s', async (_who, path, headers, status) => {
    const app = await start();
    await expect(app.injectWS(path, { headers })).rejects.toMatchObject({ status });
  });

  it('is no page', async () => {
    expect((await (await start()).inject('/r/lobby/socket')).statusCode).toBe(426);
  });

  it('has a name for its language, and the headers of every other answer', async () => {
    const { socket } = await join_(await start(), 'Ada');
    expect(socket.subprotocol).toBe(SUBPROTOCOL);
  });
});

type App = Awaited<ReturnType<typeof buildApp>>;

async function start(options: Partial<AppOptions> = {}): Promise<App> {
  const pageRoot = tempFolder();
  mkdirSync(join(pageRoot, 'assets'));
  for (const file of ['index.html', 'room.html', 'assets/room-1234.js']) {
    writeFileSync(join(pageRoot, file), file);
  }
  const app = await buildApp({ databasePath: ':memory:', pageRoot, ...options });
  onTestFinished(() => app.close());
  return app;
}

async function join_(app: App, name: string) {
  const path = '/r/lobby/socket';
  const socket = await app.injectWS<string, string>(path, { subprotocols: [SUBPROTOCOL] });
  const messages = socket[Symbol.asyncIterator]();
  const raw = (text: string) => void socket.send(text);
  const say = (message: ClientMessage) => raw(JSON.stringify(message));
  const next = async (): Promise<ServerMessage> => JSON.parse((await messages.next()).value ?? '');
  say({ type: 'join', key: name.padEnd(22, key), name });
  return { socket, raw, say, next };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ScriptedPeer } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import { Deferred } from '../../src/deferred.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { close, first, last } from '../frames.ts';
import { RunningServer } from '../running-server.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

function start(handler: (socket: Connection) => unknown): Promise<RunningServer> {
  return RunningServer.start((server) => acceptWebSockets(server, {}, handler));
}

async function open(running: RunningServer): Promise<ScriptedPeer> {
  const peer = await running.peer();
  expect((await peer.handshake()).status).toBe(101);
  return peer;
}

/** Answers the close frame that comes next, and tells its code. */
async function answerClose(peer: ScriptedPeer): Promise<number> {
  const { opcode, payload } = await peer.receivesFrame();
  expect(opcode).toBe(8);
  const code = Buffer.from(payload).readUInt16BE(0);
  peer.sends(close(code));
  return code;
}

describe('A server that is replaced', () => {
  it('closes its connections one after the other over spreadMs', async () => {
    const running = await start(() => {});
    const clients = [];
    for (let opened = 0; opened < 20; opened++) clients.push(await running.client('/'));
    const startedAt = performance.now();
    const times: number[] = [];
    const codes = clients.map(async (client) => {
      const { code } = await client.closed;
      times.push(performance.now() - startedAt);
      return code;
    });
    await running.sockets.close({ code: 1012, spreadMs: 600, timeoutMs: 60_000 });
    expect(new Set(await Promise.all(codes))).toEqual(new Set([1012]));
    // Half of them in the first half, by and large, and none long before its time.
    expect(times.filter((time) => time < 150).length).toBeLessThanOrEqual(6);
    expect(times.at(-1)).toBeGreaterThan(500);
  });

  it('is done before spreadMs has passed, if all have left by themselves', async () => {
    const running = await start(() => {});
    const client = await running.client('/');
    const closed = running.sockets.close({ spreadMs: 60_000 });
    await client.close();
    await closed;
  });

  it('drops who is left timeoutMs after the last was closed', async () => {
    const running = await start(() => {});
    const deaf = await open(running);
    const startedAt = performance.now();
    await running.sockets.close({ spreadMs: 100, timeoutMs: 100 });
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    expect(await deaf.receivesFrame()).toMatchObject({ opcode: 8 });
    expect(running.sockets.connections.size).toBe(0);
  });

  it('lets a message that is being sent as a stream come to its end', async () => {
    const more = new Deferred<void>();
    const sent: unknown[] = [];
    const running = await start(async (socket) => {
      const pieces = (async function* () {
        yield 'the ';
        await more.promise;
        yield 'end';
      })();
      await socket.sendStream(pieces, { type: 'text' });
      sent.push('whole');
    });
    const peer = await open(running);
    expect(await peer.receivesFrame()).toMatchObject({ fin: false });
    const closed = running.sockets.close();
    await sleep(30);
    more.resolve();
    let text = '';
    for (;;) {
      const { fin, payload } = await peer.receivesFrame();
      text += Buffer.from(payload).toString();
      if (fin) break;
    }
    expect(text).toBe('end');
    expect(await answerClose(peer)).toBe(1001);
    await closed;
    expect(sent).toEqual(['whole']);
  });

  it('lets a message that is being read as a stream come to its end', async () => {
    const read: string[] = [];
    const begun = new Deferred<void>();
    const running = await start(async (socket) => {
      for await (const message of socket.incoming()) {
        begun.resolve();
        read.push(await message.text());
      }
    });
    const peer = await open(running);
    peer.sends(first('an up'));
    await begun.promise;
    const closed = running.sockets.close();
    // Meanwhile nobody else gets in.
    expect((await (await running.peer()).handshake()).status).toBe(503);
    await sleep(30);
    expect(running.sockets.connections.size).toBe(1);
    peer.sends(last('load'));
    expect(await answerClose(peer)).toBe(1001);
    await closed;
    expect(read).toEqual(['an upload']);
  });

  it('does not wait for such a message beyond timeoutMs', async () => {
    const ended: unknown[] = [];
    const begun = new Deferred<void>();
    const running = await start(async (socket) => {
      for await (const message of socket.incoming()) {
        begun.resolve();
        await message.text().catch((error: unknown) => ended.push(error));
      }
    });
    const peer = await open(running);
    peer.sends(first('an up'));
    await begun.promise;
    await running.sockets.close({ timeoutMs: 50 });
    await expect.poll(() => ended).toMatchObject([{ code: 'WS_CLOSED' }]);
  });
});

import { once } from 'node:events';
import { ScriptedPeer } from '@heddle/testing';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { openOver } from '../open.ts';
import { tlsPair } from '../tls-pair.ts';
import { sleep, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const clean = { wasClean: true, error: undefined };

async function connectionsOverTls(
  options: ConnectionOptions = {},
): Promise<{ readonly client: Connection; readonly server: Connection }> {
  const { client, server } = await tlsPair();
  return {
    client: openOver(client, options, { role: 'client' }),
    server: openOver(server, options),
  };
}

describe('A connection over TLS', () => {
  it('carries messages of every size both ways, and closes cleanly', async () => {
    const { client, server } = await connectionsOverTls();
    server.on('message', (message) => server.send(message));
    for (const byteLength of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      const message = Buffer.alloc(byteLength, byteLength);
      client.send(message);
      expect(await once(client, 'message')).toEqual([message]);
    }
    expect(await client.close(4_000, 'done')).toEqual({ code: 4_000, reason: '', ...clean });
    expect(await server.closed).toEqual({ code: 4_000, reason: 'done', ...clean });
  });

  it('closes cleanly where the server starts it, behind what it has sent', async () => {
    const { client, server } = await connectionsOverTls({ limits: { maxBufferedBytes: 2 ** 24 } });
    let received = 0;
    client.on('message', (message) => {
      received += message.length;
    });
    for (let index = 0; index < 100; index++) server.send('x'.repeat(50_000));
    expect(await server.close(1001)).toEqual({ code: 1001, reason: '', ...clean });
    expect(received).toBe(5_000_000);
    expect((await client.closed).wasClean).toBe(true);
  });

  it('holds the peer back while the body of a loop runs', async () => {
    const { client, server } = await connectionsOverTls({ limits: { maxBufferedBytes: 2 ** 26 } });
    for (let index = 0; index < 3_000; index++) client.send(Buffer.alloc(10_000));
    let taken = 0;
    for await (const _ of server) {
      if (++taken === 1) {
        await sleep(200);
        expect(client.bufferedBytes).toBeGreaterThan(5_000_000);
      }
      if (taken === 3_000) break;
    }
  });

  it('tells of drained and drain', async () => {
    const { client, server } = await connectionsOverTls();
    server.resume();
    let drains = 0;
    client.on('drain', () => drains++);
    while (client.send('x'.repeat(50_000))) {}
    await client.drained();
    await turn();
    expect(drains).toBe(1);
    expect(client.bufferedBytes).toBe(0);
  });

  it('ends when the peer ends its half, and when it is just gone', async () => {
    const [first, second] = [await tlsPair(), await tlsPair()];
    const [ended, gone] = [openOver(first.server), openOver(second.server)];
    new ScriptedPeer(first.client).end();
    expect((await ended.closed).error).toMatchObject({ code: 'WS_CLOSED_WITHOUT_HANDSHAKE' });
    second.client.destroy();
    expect(await gone.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('drops a peer that does not finish the closing handshake', async () => {
    const { client, server } = await tlsPair();
    const peer = new ScriptedPeer(client);
    const socket = openOver(server, { closingTimeoutMs: 50 });
    expect((await socket.close()).error).toMatchObject({ code: 'WS_CLOSING_TIMEOUT' });
    await peer.receives('88 02 03 e8');
  });
});

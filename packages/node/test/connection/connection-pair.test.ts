import { once } from 'node:events';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('Two connections in memory', () => {
  it('speak to each other, and close', async () => {
    const [client, server] = connectionPair();
    server.on('message', (message) => server.send(message));
    client.send('hello');
    expect(await once(client, 'message')).toEqual(['hello']);
    const bytes = Buffer.from([1, 2, 3]);
    client.send(bytes);
    expect(await once(client, 'message')).toEqual([bytes]);
    const info = await client.close(4_000, 'done');
    expect(info).toEqual({ code: 4_000, reason: '', wasClean: true, error: undefined });
    expect(await server.closed).toEqual({
      code: 4_000,
      reason: 'done',
      wasClean: true,
      error: undefined,
    });
  });

  it('notice when the other is destroyed, without waiting for a deadline', async () => {
    const [client, server] = connectionPair({ closingTimeoutMs: 2 ** 31 - 1 });
    client.destroy();
    expect(await server.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('have the options at the server', async () => {
    const [client, server] = connectionPair({ limits: { maxMessageBytes: 3 } });
    client.send('four');
    const [error] = await once(server, 'error').catch((thrown: unknown) => [thrown]);
    expect(error).toMatchObject({ code: 'WS_MESSAGE_TOO_BIG' });
    expect((await client.closed).code).toBe(1009);
  });

  it('have typed messages at the server', async () => {
    const message = z.object({ add: z.number() });
    const reply = z.object({ sum: z.number() });
    const [client, server] = connectionPair({ schema: { message, reply } });
    let sum = 0;
    server.on('message', (received) => {
      expectTypeOf(received).toEqualTypeOf<{ add: number }>();
      sum += received.add;
      server.send({ sum });
    });
    client.send('{"add":2}');
    client.send('{"add":40}');
    expect(await once(client, 'message')).toEqual(['{"sum":2}']);
    client.destroy();
  });

  it('may speak from within what the other says', async () => {
    const [client, server] = connectionPair();
    const got: string[] = [];
    const large = 'x'.repeat(100_000);
    client.on('message', (message) => got.push(`client: ${message}`));
    server.once('message', () => {
      server.on('message', (message) => got.push(`server: ${message}`));
      // More than the high-water mark leaves at once.
      client.send(large);
      server.send('two');
      client.send('three');
    });
    client.send('one');
    await turn();
    await turn();
    expect(got.toSorted()).toEqual(['client: two', 'server: three', `server: ${large}`]);
    client.destroy();
  });

  it('hold back the one whose messages nobody takes', async () => {
    const [client, server] = connectionPair();
    server.pause();
    for (let index = 0; index < 30; index++) client.send('x'.repeat(30_000));
    await turn();
    expect(client.bufferedBytes).toBeGreaterThan(500_000);
    server.resume();
    await client.drained();
    client.destroy();
  });
});

import { connect } from '@heddle/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EchoProcess } from './echo-process.ts';
import { messageSizes } from './sizes.ts';
import { expectCleanClose, expectEcho, openUndici } from './undici-client.ts';

describe("undici, Node's own WebSocket, as client of our echo server", () => {
  let echo: EchoProcess;
  beforeAll(async () => {
    echo = await EchoProcess.start();
  });
  afterAll(async () => {
    expect(await echo.stop()).toBe(0);
  });

  it.each(messageSizes)('gets %i bytes back, as binary and as text', async (size) => {
    const client = await openUndici(echo.url);
    await expectEcho(client, size);
    await expectCleanClose(client);
  });
});

describe('our client and our server, each in a process of its own', () => {
  it('drains on SIGTERM: the client gets 1001 after all that was sent to it', async () => {
    const echo = await EchoProcess.start();
    const socket = await connect(echo.url);
    for (let index = 0; index < 100; index++) socket.send(`message ${index}`);
    const received: unknown[] = [];
    const stopped: Promise<number | null>[] = [];
    for await (const message of socket) {
      received.push(message);
      if (received.length === 100) stopped.push(echo.stop());
    }
    expect(received).toEqual(Array.from({ length: 100 }, (_, index) => `message ${index}`));
    expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true });
    expect(await Promise.all(stopped)).toEqual([0]);
  });
});

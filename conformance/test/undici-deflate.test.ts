import { WebSocket } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EchoProcess } from './echo-process.ts';
import { event } from './event.ts';
import { someBytes, someText } from './sizes.ts';

describe('undici, which offers permessage-deflate, as client of our echo server with DEFLATE=1', () => {
  let echo: EchoProcess;
  beforeAll(async () => {
    echo = await EchoProcess.start({ env: { DEFLATE: '1' } });
  });
  afterAll(async () => {
    expect(await echo.stop()).toBe(0);
  });

  it.each([0, 1_023, 1_024, 16_385, 65_537, 1_000_000])('gets %i bytes back', async (size) => {
    const client = new WebSocket(echo.url);
    client.binaryType = 'arraybuffer';
    await event(client, 'open');
    expect(client.extensions).toMatch(/^permessage-deflate/);
    const bytes = someBytes(size);
    const text = someText(size);
    // Twice: the second is compressed with the window of the first.
    for (const _round of [1, 2]) {
      client.send(new Uint8Array(bytes));
      const binary = await event(client, 'message');
      client.send(text);
      const textual = await event(client, 'message');
      expect(bytes.equals(new Uint8Array(binary.data))).toBe(true);
      expect(textual.data === text).toBe(true);
    }
    client.close(1000, 'done');
    expect(await event(client, 'close')).toMatchObject({ code: 1000, wasClean: true });
  });
});

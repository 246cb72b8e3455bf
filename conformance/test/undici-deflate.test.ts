import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EchoProcess } from './echo-process.ts';
import { expectCleanClose, expectEcho, openUndici } from './undici-client.ts';

describe('undici, which offers permessage-deflate, as client of our echo server with DEFLATE=1', () => {
  let echo: EchoProcess;
  beforeAll(async () => {
    echo = await EchoProcess.start({ env: { DEFLATE: '1' } });
  });
  afterAll(async () => {
    expect(await echo.stop()).toBe(0);
  });

  it.each([0, 1_023, 1_024, 16_385, 65_537, 1_000_000])('gets %i bytes back', async (size) => {
    const client = await openUndici(echo.url);
    expect(client.extensions).toMatch(/^permessage-deflate/);
    // Twice: the second is compressed with the window of the first.
    for (const _round of [1, 2]) await expectEcho(client, size);
    await expectCleanClose(client);
  });
});

import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { acceptWebSockets } from '@heddle/node';
import { portOf, selfSignedCertificate } from '@heddle/testing';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageSizes } from './sizes.ts';
import { expectCleanClose, expectEcho, openUndici } from './undici-client.ts';

/** Another implementation of RFC 8441 than ours, as client of our server. */
describe('undici over HTTP/2, as client of our server', () => {
  const tls = selfSignedCertificate();
  const server = createSecureServer({ ...tls, allowHTTP1: true });
  const versions: string[] = [];
  const sessions: unknown[] = [];
  const sockets = acceptWebSockets(
    server,
    { path: '/', origins: '*', subprotocols: ['echo'], limits: { maxMessageBytes: 2 ** 25 } },
    (socket, { httpVersion }) => {
      versions.push(httpVersion);
      socket.on('message', (message) => socket.send(message));
    },
  );
  const dispatcher = new Agent({ allowH2: true, connect: { ca: tls.cert } });
  let url: string;

  beforeAll(async () => {
    server.on('session', (session) => sessions.push(session));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `wss://localhost:${portOf(server)}/`;
  });
  afterAll(async () => {
    await sockets.close();
    await dispatcher.destroy();
    server.close();
  });

  it.each(messageSizes)('gets %i bytes back, as binary and as text', async (size) => {
    const client = await openUndici(url, { dispatcher, protocols: ['other', 'echo'] });
    expect(client.protocol).toBe('echo');
    await expectEcho(client, size);
    await expectCleanClose(client);
    expect(versions.at(-1)).toBe('2.0');
  });
});

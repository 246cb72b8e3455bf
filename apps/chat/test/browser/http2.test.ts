import type { Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromiumIsMissing, useChromium } from '@heddle/app-kit/testing/chromium';
import { selfSignedCertificate } from '@heddle/testing';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { Person } from './person.ts';

const pageRoot = fileURLToPath(new URL('../../dist/page/', import.meta.url));

describe.skipIf(chromiumIsMissing)('the chat over HTTP/2 and TLS', () => {
  const profile = useChromium();

  it('carries two tabs, their pages and their WebSockets over one connection', async () => {
    const chat = await startSecureChat();
    const context = await profile({ ignoreHTTPSErrors: true });
    const address = `${chat.url}/r/loom`;
    const statuses: number[] = [];
    context.on('page', (page) => void watchHandshakes(page, statuses));
    const ada = await Person.enter(context, address, 'Ada');
    // The browser knows her name by now.
    const again = await Person.open(context, address, 'Ada');
    await again.isOnline();
    await ada.say('over one connection');
    await again.reads('over one connection');
    await again.say('both of us');
    await ada.reads('over one connection', 'both of us');

    // What the application sees, what the browser sees, and what TCP sees.
    expect(chat.httpVersions()).toEqual(['2.0', '2.0']);
    expect(statuses).toEqual([200, 200]);
    expect(chat.sessions).toHaveLength(1);
    expect(await chat.tcpConnections()).toBe(1);
    expect(await protocolOf(ada.page)).toBe('h2');
    expect([...ada.errors, ...again.errors]).toEqual([]);
  });

  it('says goodbye with 1001, as over HTTP/1.1', async () => {
    const chat = await startSecureChat();
    const ada = await Person.enter(
      await profile({ ignoreHTTPSErrors: true }),
      `${chat.url}/r/loom`,
      'Ada',
    );
    const [connection] = chat.connections();
    const ended = connection?.closed;
    await chat.close();
    expect(await ended).toMatchObject({ code: 1001, wasClean: true });
    await expect.poll(() => ada.page.locator('#connection').isVisible()).toBe(true);
  });
});

/** The chat in this process, where one can see how its clients have come. */
async function startSecureChat() {
  const app = await buildApp({ databasePath: ':memory:', pageRoot, tls: selfSignedCertificate() });
  const server = app.server as unknown as Http2SecureServer;
  const sessions: unknown[] = [];
  server.on('session', (session) => sessions.push(session));
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const { port } = server.address() as AddressInfo;
  const connections = () => [...app.websocketServer.clients];
  return {
    url: `https://127.0.0.1:${port}`,
    sessions,
    connections,
    httpVersions: () => connections().map(({ request }) => request?.httpVersion),
    tcpConnections: () =>
      new Promise<number>((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    close: () => app.close(),
  };
}

/** Notes with which status the browser was answered when it opened WebSockets: 200 is HTTP/2's. */
async function watchHandshakes(page: Page, statuses: number[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  devtools.on('Network.webSocketHandshakeResponseReceived', ({ response }) => {
    statuses.push(response.status);
  });
  await devtools.send('Network.enable');
}

/** The protocol that the page itself came over, by its ALPN name. */
function protocolOf(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation');
    return navigation instanceof PerformanceNavigationTiming
      ? navigation.nextHopProtocol
      : undefined;
  });
}
